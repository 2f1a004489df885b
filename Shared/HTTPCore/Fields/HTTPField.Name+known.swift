// Field names in use, spelled as their RFCs spell them.
extension HTTPField.Name {
    /// `Accept`.
    public static let accept = Self(valid: "Accept")
    /// `Accept-Encoding`.
    public static let acceptEncoding = Self(valid: "Accept-Encoding")
    /// `Accept-Language`.
    public static let acceptLanguage = Self(valid: "Accept-Language")
    /// `Accept-Ranges`.
    public static let acceptRanges = Self(valid: "Accept-Ranges")
    /// `Access-Control-Allow-Credentials`.
    public static let accessControlAllowCredentials = Self(valid: "Access-Control-Allow-Credentials")
    /// `Access-Control-Allow-Headers`.
    public static let accessControlAllowHeaders = Self(valid: "Access-Control-Allow-Headers")
    /// `Access-Control-Allow-Methods`.
    public static let accessControlAllowMethods = Self(valid: "Access-Control-Allow-Methods")
    /// `Access-Control-Allow-Origin`.
    public static let accessControlAllowOrigin = Self(valid: "Access-Control-Allow-Origin")
    /// `Access-Control-Expose-Headers`.
    public static let accessControlExposeHeaders = Self(valid: "Access-Control-Expose-Headers")
    /// `Access-Control-Max-Age`.
    public static let accessControlMaxAge = Self(valid: "Access-Control-Max-Age")
    /// `Access-Control-Request-Headers`.
    public static let accessControlRequestHeaders = Self(valid: "Access-Control-Request-Headers")
    /// `Access-Control-Request-Method`.
    public static let accessControlRequestMethod = Self(valid: "Access-Control-Request-Method")
    /// `Age`.
    public static let age = Self(valid: "Age")
    /// `Allow`.
    public static let allow = Self(valid: "Allow")
    /// `Authorization`.
    public static let authorization = Self(valid: "Authorization")
    /// `Cache-Control`.
    public static let cacheControl = Self(valid: "Cache-Control")
    /// `Connection`.
    public static let connection = Self(valid: "Connection")
    /// `Content-Digest`.
    public static let contentDigest = Self(valid: "Content-Digest")
    /// `Content-Disposition`.
    public static let contentDisposition = Self(valid: "Content-Disposition")
    /// `Content-Encoding`.
    public static let contentEncoding = Self(valid: "Content-Encoding")
    /// `Content-Language`.
    public static let contentLanguage = Self(valid: "Content-Language")
    /// `Content-Length`.
    public static let contentLength = Self(valid: "Content-Length")
    /// `Content-Location`.
    public static let contentLocation = Self(valid: "Content-Location")
    /// `Content-Range`.
    public static let contentRange = Self(valid: "Content-Range")
    /// `Content-Security-Policy`.
    public static let contentSecurityPolicy = Self(valid: "Content-Security-Policy")
    /// `Content-Type`.
    public static let contentType = Self(valid: "Content-Type")
    /// `Cookie`.
    public static let cookie = Self(valid: "Cookie")
    /// `Cross-Origin-Opener-Policy`.
    public static let crossOriginOpenerPolicy = Self(valid: "Cross-Origin-Opener-Policy")
    /// `Date`.
    public static let date = Self(valid: "Date")
    /// `ETag`.
    public static let eTag = Self(valid: "ETag")
    /// `Event-Position`.
    public static let eventPosition = Self(valid: "Event-Position")
    /// `Expect`.
    public static let expect = Self(valid: "Expect")
    /// `Expires`.
    public static let expires = Self(valid: "Expires")
    /// `Forwarded`.
    public static let forwarded = Self(valid: "Forwarded")
    /// `Host`.
    public static let host = Self(valid: "Host")
    /// `Idempotency-Key`.
    public static let idempotencyKey = Self(valid: "Idempotency-Key")
    /// `If-Match`.
    public static let ifMatch = Self(valid: "If-Match")
    /// `If-Modified-Since`.
    public static let ifModifiedSince = Self(valid: "If-Modified-Since")
    /// `If-None-Match`.
    public static let ifNoneMatch = Self(valid: "If-None-Match")
    /// `If-Range`.
    public static let ifRange = Self(valid: "If-Range")
    /// `If-Unmodified-Since`.
    public static let ifUnmodifiedSince = Self(valid: "If-Unmodified-Since")
    /// `Keep-Alive`.
    public static let keepAlive = Self(valid: "Keep-Alive")
    /// `Last-Event-ID`.
    public static let lastEventID = Self(valid: "Last-Event-ID")
    /// `Last-Modified`.
    public static let lastModified = Self(valid: "Last-Modified")
    /// `Link`.
    public static let link = Self(valid: "Link")
    /// `Location`.
    public static let location = Self(valid: "Location")
    /// `Min-Position`.
    public static let minPosition = Self(valid: "Min-Position")
    /// `Origin`.
    public static let origin = Self(valid: "Origin")
    /// `Prefer`.
    public static let prefer = Self(valid: "Prefer")
    /// `Preference-Applied`.
    public static let preferenceApplied = Self(valid: "Preference-Applied")
    /// `Proxy-Connection`.
    public static let proxyConnection = Self(valid: "Proxy-Connection")
    /// `Range`.
    public static let range = Self(valid: "Range")
    /// `RateLimit`.
    public static let rateLimit = Self(valid: "RateLimit")
    /// `RateLimit-Policy`.
    public static let rateLimitPolicy = Self(valid: "RateLimit-Policy")
    /// `Referrer-Policy`.
    public static let referrerPolicy = Self(valid: "Referrer-Policy")
    /// `Retry-After`.
    public static let retryAfter = Self(valid: "Retry-After")
    /// `Sec-WebSocket-Accept`.
    public static let secWebSocketAccept = Self(valid: "Sec-WebSocket-Accept")
    /// `Sec-WebSocket-Extensions`.
    public static let secWebSocketExtensions = Self(valid: "Sec-WebSocket-Extensions")
    /// `Sec-WebSocket-Key`.
    public static let secWebSocketKey = Self(valid: "Sec-WebSocket-Key")
    /// `Sec-WebSocket-Protocol`.
    public static let secWebSocketProtocol = Self(valid: "Sec-WebSocket-Protocol")
    /// `Sec-WebSocket-Version`.
    public static let secWebSocketVersion = Self(valid: "Sec-WebSocket-Version")
    /// `Server`.
    public static let server = Self(valid: "Server")
    /// `Server-Timing`.
    public static let serverTiming = Self(valid: "Server-Timing")
    /// `Set-Cookie`.
    public static let setCookie = Self(valid: "Set-Cookie")
    /// `Strict-Transport-Security`.
    public static let strictTransportSecurity = Self(valid: "Strict-Transport-Security")
    /// `TE`.
    public static let te = Self(valid: "TE")
    /// `Trailer`.
    public static let trailer = Self(valid: "Trailer")
    /// `Transfer-Encoding`.
    public static let transferEncoding = Self(valid: "Transfer-Encoding")
    /// `Upgrade`.
    public static let upgrade = Self(valid: "Upgrade")
    /// `User-Agent`.
    public static let userAgent = Self(valid: "User-Agent")
    /// `Vary`.
    public static let vary = Self(valid: "Vary")
    /// `Via`.
    public static let via = Self(valid: "Via")
    /// `WWW-Authenticate`.
    public static let wwwAuthenticate = Self(valid: "WWW-Authenticate")
    /// `X-Accel-Buffering`.
    public static let xAccelBuffering = Self(valid: "X-Accel-Buffering")
    /// `X-Content-Type-Options`.
    public static let xContentTypeOptions = Self(valid: "X-Content-Type-Options")
    /// `X-Forwarded-For`.
    public static let xForwardedFor = Self(valid: "X-Forwarded-For")
    /// `X-Forwarded-Host`.
    public static let xForwardedHost = Self(valid: "X-Forwarded-Host")
    /// `X-Forwarded-Proto`.
    public static let xForwardedProto = Self(valid: "X-Forwarded-Proto")
    /// `X-Request-Id`.
    public static let xRequestID = Self(valid: "X-Request-Id")
    /// `traceparent`.
    public static let traceParent = Self(valid: "traceparent")
    /// `tracestate`.
    public static let traceState = Self(valid: "tracestate")
}
