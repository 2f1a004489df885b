// Status codes in use with their registered phrases.
extension HTTPResponse.Status {
    /// 100 Continue.
    public static let `continue` = Self(valid: 100)
    /// 101 Switching Protocols.
    public static let switchingProtocols = Self(valid: 101)
    /// 103 Early Hints.
    public static let earlyHints = Self(valid: 103)
    /// 200 OK.
    public static let ok = Self(valid: 200)
    /// 201 Created.
    public static let created = Self(valid: 201)
    /// 202 Accepted.
    public static let accepted = Self(valid: 202)
    /// 204 No Content.
    public static let noContent = Self(valid: 204)
    /// 206 Partial Content.
    public static let partialContent = Self(valid: 206)
    /// 301 Moved Permanently.
    public static let movedPermanently = Self(valid: 301)
    /// 302 Found.
    public static let found = Self(valid: 302)
    /// 303 See Other.
    public static let seeOther = Self(valid: 303)
    /// 304 Not Modified.
    public static let notModified = Self(valid: 304)
    /// 307 Temporary Redirect.
    public static let temporaryRedirect = Self(valid: 307)
    /// 308 Permanent Redirect.
    public static let permanentRedirect = Self(valid: 308)
    /// 400 Bad Request.
    public static let badRequest = Self(valid: 400)
    /// 401 Unauthorized.
    public static let unauthorized = Self(valid: 401)
    /// 403 Forbidden.
    public static let forbidden = Self(valid: 403)
    /// 404 Not Found.
    public static let notFound = Self(valid: 404)
    /// 405 Method Not Allowed.
    public static let methodNotAllowed = Self(valid: 405)
    /// 406 Not Acceptable.
    public static let notAcceptable = Self(valid: 406)
    /// 408 Request Timeout.
    public static let requestTimeout = Self(valid: 408)
    /// 409 Conflict.
    public static let conflict = Self(valid: 409)
    /// 410 Gone.
    public static let gone = Self(valid: 410)
    /// 411 Length Required.
    public static let lengthRequired = Self(valid: 411)
    /// 412 Precondition Failed.
    public static let preconditionFailed = Self(valid: 412)
    /// 413 Content Too Large.
    public static let contentTooLarge = Self(valid: 413)
    /// 414 URI Too Long.
    public static let uriTooLong = Self(valid: 414)
    /// 415 Unsupported Media Type.
    public static let unsupportedMediaType = Self(valid: 415)
    /// 416 Range Not Satisfiable.
    public static let rangeNotSatisfiable = Self(valid: 416)
    /// 417 Expectation Failed.
    public static let expectationFailed = Self(valid: 417)
    /// 421 Misdirected Request.
    public static let misdirectedRequest = Self(valid: 421)
    /// 422 Unprocessable Content.
    public static let unprocessableContent = Self(valid: 422)
    /// 423 Locked.
    public static let locked = Self(valid: 423)
    /// 424 Failed Dependency.
    public static let failedDependency = Self(valid: 424)
    /// 425 Too Early.
    public static let tooEarly = Self(valid: 425)
    /// 426 Upgrade Required.
    public static let upgradeRequired = Self(valid: 426)
    /// 428 Precondition Required.
    public static let preconditionRequired = Self(valid: 428)
    /// 429 Too Many Requests.
    public static let tooManyRequests = Self(valid: 429)
    /// 431 Request Header Fields Too Large.
    public static let requestHeaderFieldsTooLarge = Self(valid: 431)
    /// 460 Checksum Mismatch.
    public static let checksumMismatch = Self(valid: 460)
    /// 500 Internal Server Error.
    public static let internalServerError = Self(valid: 500)
    /// 501 Not Implemented.
    public static let notImplemented = Self(valid: 501)
    /// 502 Bad Gateway.
    public static let badGateway = Self(valid: 502)
    /// 503 Service Unavailable.
    public static let serviceUnavailable = Self(valid: 503)
    /// 504 Gateway Timeout.
    public static let gatewayTimeout = Self(valid: 504)
    /// 505 HTTP Version Not Supported.
    public static let httpVersionNotSupported = Self(valid: 505)
    /// 507 Insufficient Storage.
    public static let insufficientStorage = Self(valid: 507)

    /// The registered phrase; empty for codes without one here.
    public var reasonPhrase: String {
        switch code {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 103: "Early Hints"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 423: "Locked"
        case 424: "Failed Dependency"
        case 425: "Too Early"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 460: "Checksum Mismatch"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: ""
        }
    }
}
