// Keys and what another implementation (the Python package cryptography) made with them, in base64.
#pragma once

#include <string_view>

namespace bodega::vault::testing {

inline constexpr std::string_view kMessage = "a message of another library";

inline constexpr std::string_view kRsaPrivate =
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCy4trd2Y2HHjE9zN0W33bgfa+7y9tUR1zkUUgOS1"
    "lZZDslxk0vcZXtrZSb+bbO7IUEQuHKBnubSI5bwtf9Iqwf3CdVq6dGutAiNfA16+YKttIKkH3MVeOxXGhFZMZHRxZ7"
    "C0X6K5hMoPWbpKqnvPOwiM0qmHPKDb0d8gmU0q6YXyXUyUCgJDz+NG/XL5vEca4HXVLppyR8Osk2ZSUakX2VY61MUF"
    "YfM5TpUNveA64mAzpdiULqs0JxEGGg71VmTfhJUQhEXx4wkYr3PqujEc3sYOHvAgPH0Kr8tRgpAEDUejsvBgRJIn4H"
    "7kuy1l1NqZUJwMGVKsDbQcN8gBUKbEKlAgMBAAECggEAK+oN8cVc/Y0XaIT4x4svOzgPoooOe1eTgcdEaaHsusmkzY"
    "arXxjCxhjFMS8xxgWBOAUVOcuyn3HF5NflvxI6cA3TKDBd/bqRqrxUDmCtVfcAhDBpeXaiUWGOhW6SUGAusCEZ2irG"
    "lhUzhjR74na72hwTRcAsOK97vDS1TnAUBXp4yQQQbEJlitaHpmDW9GZ9e5elIh4QB3q92bjIzNaWe+n0Trx3G852RK"
    "KLcM2qYnIR7Ec/CUyA/juRNTMf4burObVW0kbQGQrwitjENZOgLYy53HSREJHLBCcl0SiEjVvGVUVJ+M0F1oFy+4cy"
    "sXzqxzoJJDPVrc/Ee86GhuSWlwKBgQDmsM8nSMiF5kB5dE1OIYRJMxUW3CkSGh62HDNAzIEJrGpweOwGiMUxoomV7P"
    "+ugKDIyo3gzZPOHmGDH2R9JTgCz9m/PGN2cZtUHjip6IdJ629tW63aKDLDjSOX7YWt6yseZZE4ZHjkWyeB1CHAPv6V"
    "a0++hCD8UdAkfQorP0C6YwKBgQDGgw+5bz66CqAjZxnQnLTkaw3dppIULDQYsisKllSRHdF6XMF0RLTD7KHMnW+sCu"
    "14AUf6gpXDaOUviJgTAvLbklv2w62+hK77nmggi3PB6A7xE3H9QjtLzTEfWvSRVookkzv0ea2n2BWZzuLZp7c06/m+"
    "63BCOzahcnjoSIXZVwKBgQDYobq2clPT4egz5bJep3zZXH32bKKo3Bxw+URsGl8mnWGK4xMKA8/iD3dSci+cSDA0vn"
    "nDXGnrSn5ZqtYr6xKRGWyqd+QTKxYpRQQDElhRYyTNNiWpUsxw9I4zMpqxOsDQF6LqqPcZwjv0YCedp8pcuFw3VU7A"
    "g3eJfF5bRFfdbwKBgFCa2SCvpiW+uMWHULkfWGhDe+7bewdL5597gPSclBwUooFv9nFykH/Zrt05tCWEjmYjBwoWSh"
    "99kUoayb02fkxgAo2RaRQqJi8vZBKK7Wb4BlEnVyrB4PfniqGzugjlvdQaIMclPTkhCaxZkE1Wx5Jqmw9F5GBQUN9/"
    "bs7K2+ajAoGBALxrD0QQWYgLH0lr0mXU5uJQdR6GnhlWI1K+hj7CwdzRjNKD7RbaO/d3sR/kWyrIzD601yMC23jUXk"
    "EN9n6K1IAJm6n/fKguHq4mETxS1WzcMdGEVwSBp88ZWFjNtuKhHKzjWXvhGBFEH3NOCF8VBfC8nv2bEvi1TgoZHhg9"
    "sJbM";
inline constexpr std::string_view kRsaPublic =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsuLa3dmNhx4xPczdFt924H2vu8vbVEdc5FFIDktZWWQ7Jc"
    "ZNL3GV7a2Um/m2zuyFBELhygZ7m0iOW8LX/SKsH9wnVaunRrrQIjXwNevmCrbSCpB9zFXjsVxoRWTGR0cWewtF+iuY"
    "TKD1m6Sqp7zzsIjNKphzyg29HfIJlNKumF8l1MlAoCQ8/jRv1y+bxHGuB11S6ackfDrJNmUlGpF9lWOtTFBWHzOU6V"
    "Db3gOuJgM6XYlC6rNCcRBhoO9VZk34SVEIRF8eMJGK9z6roxHN7GDh7wIDx9Cq/LUYKQBA1Ho7LwYESSJ+B+5LstZd"
    "TamVCcDBlSrA20HDfIAVCmxCpQIDAQAB";
inline constexpr std::string_view kRsaPkcs1Sha256 =
    "ISPhUpvNTjxzdyjZAS2HsJsl50P4ydlnRScwfO9haJ3QMTnhe3KfpPs408SsUoVhgfa34ggPvMeLVViuweLHRfIdkU"
    "EpMlbKh2CU9ktLIjPAUSKfkM8uTT41i9xxzM30F4OzzyadIM7n23ETWCvQ5o5Q6fEDsT2PfNhvQu0jNMp9JZlJK/wS"
    "eyOOKPblwPYe2CCDP8RjnB5aPoJQQc9XTiANh7xB1Q+4kzBJeJu73xf9xf5fXzUY6MUmyecHrj9HLF8qRLebRJVI8G"
    "36vL7mdXtHOVovL3vvJKLVaGWAR2XbjINoP+77r2UA01NN2ASKgOH0bLA7DZai0eFTKvxjYg==";
inline constexpr std::string_view kRsaPssSha384 =
    "EQYxTAl53hkvSDtzgIpdVPsG50Gehp4q9WhPdII+FusdB0hzLoFxvGPvQbLnroQ7v7oeGi9rurSCR18fgY40/IbP8F"
    "v7M41iuGbNwz3vig8K1jxV4G0A3p1XmIWnRJget/UZ6MH+1+0Spede3NE5ShpMaqzzaAgHGvXkVDRZBu/5GvdV2WVO"
    "fdr9KVjguchIIJrabrn8Mb1l3yDMKXlduzh4+91J2bWxQaCqgVcex3D3La9hZZQzPPpC0ydKt3mWe36UnY/TBXwOOW"
    "saJwblq+v2ZNC3rFBFkwjVYMLe4YXAXXhsIBamNTiX8oYKefJV2Fize35VJNWvw34TbB5A6Q==";
inline constexpr std::string_view kRsaOaepSha1 =
    "anxbRYUdGWRL0t4JvRvP8kDhGuoxd+pOgtT8Adf0F7+PIp18+T5MaNR4tLIW/Ffmdh8JwKSu41sSclP0ZYyzbrFKvO"
    "ReCvDWZS1OvrjVi1xsnw9D0Dz5GT0/0kBDOQW7kWvWHUPfLdzpvReKYmsDN0b+XiUfY/PWNrpQxIateHA6Sd+AokJq"
    "dJW3iOdyyhzpJGL4IcE7fu1oXm3Fvn5y7yjbVP8ZCJgVuJObRuP5ncIROwZvYi2kY+qE83MDPfq8ZRiIacxt1L8/S3"
    "Q5+XhzYiZyqHGcQ2vqCcyQul2Cfqx7Gv3VTMaJi4p6LQ65nXsmW461ke5hEsRZyieTlWT/uw==";
inline constexpr std::string_view kRsaOaepSha256 =
    "f3GbYL+aJni5Hkp8MmJb8iouNJFdO5qFu7y9V1hYNq7vsslIuhMjeQiOZIBuwAiIb3R0zY1SVIoaOcAOiZ/mZt7M0A"
    "ScmBApAZRl3/GEAdU0om/2jc71GC2xMex7g8zsP1P9JhlDCGadcCIeJS2LVkpDjrsc7pu91C/gSvZN659u7v8M2aLb"
    "KeJ+G131RLYo0r7LLP5bBqi7exVwm0jWmo00tBUDr2G49+tEn0sYepbN8xdcr4gogFeNMh+/8tS8K4Rip3X4hnn+iI"
    "id+6YZBtMjKIjcg80/wzapSH1I3LCOyJCaNhoKZHTw4MpBycJBFFjWEXVNZ1DnljcKKxo/BQ==";
inline constexpr std::string_view kP256Private =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgX7QznwLiSaxuEu8SVcA1f+KJky094Wr50aLRpza50c"
    "6hRANCAAT1KSAw3AHDsM0DQ4V2EeXsrZJsmNnONqa1pm3aRC2SvGIKA58Gos0kTt/m/oXg3wHGCpLMiFicXFmaFf/d"
    "c1ib";
inline constexpr std::string_view kP256Public =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9SkgMNwBw7DNA0OFdhHl7K2SbJjZzjamtaZt2kQtkrxiCgOfBqLNJE"
    "7f5v6F4N8BxgqSzIhYnFxZmhX/3XNYmw==";
inline constexpr std::string_view kP256EcdsaSha256 =
    "MEUCIQCPZ+T7Fyjxow/3Aup5gOkMFrTHLwLhefhUqsOWmHT4aQIgRpsIAhfeEOPGTStZw/JJC7VXg7Tzmzsd85Wkyk"
    "FB/vY=";
inline constexpr std::string_view kPeerPublic =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUtGY2Qvq01QpSWqM6zvHO085mbStIknQFmwm3eB9RDKCtWvkJ/nk9J"
    "zcl2NFtZI1GmgFvTzs6D8wM3n/RilXdA==";
inline constexpr std::string_view kShared = "tU0iBqSczXuImh1H26LfdF8X8T2vcSKQDUOUyNM3w3c=";

}  // namespace bodega::vault::testing
