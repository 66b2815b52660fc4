// Nothing but the file that the precompiled header of the tests is built beside.
