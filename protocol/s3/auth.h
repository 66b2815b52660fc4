// Who asks: reads the signature of a request, checks it where the server is told to, and says what
// is wrong in S3's words.
#pragma once

#include "protocol/s3/call.h"

namespace bodega::s3 {

// Fills call.identity. Without verification any key is welcome and merely names an account; what a
// presigned URL says about its own validity is still believed, so that expiry can be tried out.
// Throws AccessDenied, SignatureDoesNotMatch, AuthorizationHeaderMalformed and their kin.
void authenticate(Call& call);

}  // namespace bodega::s3
