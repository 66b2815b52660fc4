// Who asks: reads the signature of a request, checks it where the server is told to, and says what
// is wrong in S3's words.
#pragma once

#include "protocol/s3/wire/call.h"

namespace bodega::s3 {

// The sender of the request. Without verification any key is welcome and merely names an account;
// what a presigned URL says about its own validity is still believed, so that expiry can be tried
// out. Throws AccessDenied, SignatureDoesNotMatch, AuthorizationHeaderMalformed and the like.
Identified authenticate(const Request& request);

// Takes the x-amz-* parameters of a presigned link, If-Match and If-None-Match as the headers they
// were when it was signed: SDKs move them into the query. What stands in a header already stays.
void take_presigned_headers(Request& request);

}  // namespace bodega::s3
