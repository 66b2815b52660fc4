from bodega import main

main()
