/// The one catalogue of error codes: what clients may rely on in the `code` member of problem+json (RFC 9457), with the
/// status and the title that go with it. openapi.yaml names the same.
public enum ErrorCode: String, Codable, Sendable, CaseIterable {
    /// The request is malformed.
    case malformedRequest = "malformed_request"
    /// The body is not JSON.
    case malformedJSON = "malformed_json"
    /// A valid access token is required.
    case unauthenticated
    /// The access token is not valid.
    case invalidToken = "invalid_token"
    /// The access token has expired.
    case tokenExpired = "token_expired"
    /// The access token has been revoked.
    case tokenRevoked = "token_revoked"
    /// Address or password is wrong.
    case invalidCredentials = "invalid_credentials"
    /// The code of the second factor is wrong, or was used before.
    case invalidCode = "invalid_code"
    /// The log-in that waits for its second factor is over.
    case invalidMFAToken = "invalid_mfa_token"
    /// The refresh token is not valid.
    case invalidRefreshToken = "invalid_refresh_token"
    /// The refresh token was used before; the session has ended.
    case refreshTokenReused = "refresh_token_reused"
    /// The signature is not valid.
    case invalidSignature = "invalid_signature"
    /// Not allowed.
    case forbidden
    /// The account is suspended.
    case userBanned = "user_banned"
    /// A log-in with the second factor is required.
    case mfaRequired = "mfa_required"
    /// More seats than one person may hold for a showtime.
    case seatLimitExceeded = "seat_limit_exceeded"
    /// Pages of this origin may not connect.
    case originRefused = "origin_refused"
    /// There is no such resource.
    case notFound = "not_found"
    /// There is no such route.
    case routeNotFound = "route_not_found"
    /// The target does not exist.
    case targetNotFound = "target_not_found"
    /// The route does not take this method.
    case methodNotAllowed = "method_not_allowed"
    /// The request took too long to arrive.
    case requestTimeout = "request_timeout"
    /// The request does not fit the resource's state.
    case conflict
    /// The address is taken.
    case emailTaken = "email_taken"
    /// The handle is taken.
    case handleTaken = "handle_taken"
    /// At least one of the seats is taken.
    case seatsTaken = "seats_taken"
    /// The booking is not waiting for payment.
    case bookingNotPayable = "booking_not_payable"
    /// The booking cannot be cancelled.
    case bookingNotCancellable = "booking_not_cancellable"
    /// The ticket was used before.
    case ticketUsed = "ticket_used"
    /// The password is too short to be all that a log-in asks.
    case passwordTooShort = "password_too_short"
    /// A request with this Idempotency-Key is being worked on.
    case idempotencyInProgress = "idempotency_in_progress"
    /// The seats are no longer held.
    case lockExpired = "lock_expired"
    /// The resource has changed.
    case preconditionFailed = "precondition_failed"
    /// The body is too large.
    case payloadTooLarge = "payload_too_large"
    /// The request target is too long.
    case uriTooLong = "uri_too_long"
    /// The body's type is not supported.
    case unsupportedMediaType = "unsupported_media_type"
    /// The range lies outside the resource.
    case rangeNotSatisfiable = "range_not_satisfiable"
    /// The request is not valid.
    case invalidRequest = "invalid_request"
    /// The body has a member that is not known.
    case unknownField = "unknown_field"
    /// The Idempotency-Key was used with another request.
    case idempotencyMismatch = "idempotency_mismatch"
    /// The cursor is not of this list.
    case invalidCursor = "invalid_cursor"
    /// The hall has no such seat.
    case unknownSeat = "unknown_seat"
    /// The secret of a link was used, has expired or never was.
    case invalidLink = "invalid_link"
    /// The password is too easy to guess.
    case weakPassword = "weak_password"
    /// The amount is not the booking's.
    case amountMismatch = "amount_mismatch"
    /// The route speaks WebSocket.
    case upgradeRequired = "upgrade_required"
    /// If-Match is required.
    case preconditionRequired = "precondition_required"
    /// Too many requests.
    case rateLimited = "rate_limited"
    /// The header fields are too large.
    case headersTooLarge = "headers_too_large"
    /// Something went wrong.
    case internalError = "internal_error"
    /// The method is not known.
    case notImplemented = "not_implemented"
    /// The service gave no usable answer.
    case badGateway = "bad_gateway"
    /// Not available at the moment.
    case unavailable
    /// Too busy at the moment.
    case overloaded
    /// The service took too long.
    case gatewayTimeout = "gateway_timeout"
    /// What Min-Position asks for has not been applied yet.
    case positionNotReached = "position_not_reached"
    /// What as_of asks for lies behind what has been counted.
    case positionPassed = "position_passed"
    /// The upload is at another offset.
    case uploadOffsetMismatch = "upload_offset_mismatch"
    /// The upload has expired.
    case uploadGone = "upload_gone"
    /// Only tus 1.0.0 is spoken.
    case tusVersion = "tus_version_unsupported"
    /// The account has no room for it.
    case quotaExceeded = "quota_exceeded"
    /// Another request writes this upload.
    case uploadLocked = "upload_locked"
    /// Too many uploads are unfinished.
    case tooManyUploads = "too_many_uploads"
    /// The bytes do not have the checksum.
    case checksumMismatch = "checksum_mismatch"
    /// The content has another digest than it should have.
    case digestMismatch = "digest_mismatch"
    /// The part is there already, with another content.
    case partDiffers = "part_differs"
    /// The batch takes no files now.
    case batchNotOpen = "batch_not_open"
    /// There is no room left to store it.
    case storageFull = "storage_full"
    /// The account may not comment.
    case commentBlocked = "comment_blocked"
    /// The comment can no longer be changed.
    case commentNotEditable = "comment_not_editable"
    /// The same comment stands there already.
    case duplicateComment = "duplicate_comment"
    /// The comments are locked.
    case threadLocked = "thread_locked"
    /// This person takes no messages from the caller.
    case messagesRefused = "messages_refused"
    /// The message is gone.
    case messageDeleted = "message_deleted"
    /// The room has no place left.
    case roomFull = "room_full"
    /// Only HTTP/1.1 and 1.0 are spoken.
    case httpVersionNotSupported = "http_version_not_supported"

    /// The HTTP status.
    public var status: Int {
        switch self {
        case .malformedRequest, .malformedJSON, .digestMismatch: 400
        case .unauthenticated, .invalidToken, .tokenExpired, .tokenRevoked, .invalidCredentials, .invalidRefreshToken,
            .refreshTokenReused, .invalidSignature, .invalidCode, .invalidMFAToken:
            401
        case .forbidden, .userBanned, .seatLimitExceeded, .originRefused, .commentBlocked, .messagesRefused,
            .mfaRequired:
            403
        case .notFound, .routeNotFound, .targetNotFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .conflict, .emailTaken, .handleTaken, .seatsTaken, .bookingNotPayable, .bookingNotCancellable, .ticketUsed,
            .idempotencyInProgress, .uploadOffsetMismatch, .partDiffers, .batchNotOpen, .commentNotEditable,
            .duplicateComment, .messageDeleted, .roomFull, .positionPassed,
            .passwordTooShort:
            409
        case .lockExpired, .uploadGone: 410
        case .preconditionFailed, .tusVersion: 412
        case .payloadTooLarge, .quotaExceeded: 413
        case .uriTooLong: 414
        case .unsupportedMediaType: 415
        case .rangeNotSatisfiable: 416
        case .invalidRequest, .unknownField, .idempotencyMismatch, .invalidCursor, .unknownSeat, .weakPassword,
            .amountMismatch, .invalidLink:
            422
        case .uploadLocked, .threadLocked: 423
        case .upgradeRequired: 426
        case .preconditionRequired: 428
        case .rateLimited, .tooManyUploads: 429
        case .headersTooLarge: 431
        case .checksumMismatch: 460
        case .internalError: 500
        case .notImplemented: 501
        case .badGateway: 502
        case .unavailable, .overloaded, .positionNotReached: 503
        case .gatewayTimeout: 504
        case .httpVersionNotSupported: 505
        case .storageFull: 507
        }
    }

    /// The problem type: a registered one where there is one (draft-ietf-httpapi-ratelimit-headers).
    public var type: String {
        self == .rateLimited
            ? "https://iana.org/assignments/http-problem-types#quota-exceeded" : "urn:marquee:problem:\(rawValue)"
    }

    /// One line for people, the same for every occurrence.
    public var title: String {
        switch self {
        case .malformedRequest: "The request is malformed"
        case .malformedJSON: "The body is not JSON"
        case .unauthenticated: "A valid access token is required"
        case .invalidToken: "The access token is not valid"
        case .tokenExpired: "The access token has expired"
        case .tokenRevoked: "The access token has been revoked"
        case .invalidCredentials: "Address or password is wrong"
        case .invalidCode: "The code of the second factor is wrong, or was used before"
        case .invalidMFAToken: "The log-in that waits for its second factor is over"
        case .invalidRefreshToken: "The refresh token is not valid"
        case .refreshTokenReused: "The refresh token was used before; the session has ended"
        case .invalidSignature: "The signature is not valid"
        case .forbidden: "Not allowed"
        case .userBanned: "The account is suspended"
        case .mfaRequired: "A log-in with the second factor is required"
        case .seatLimitExceeded: "More seats than one person may hold for a showtime"
        case .originRefused: "Pages of this origin may not connect"
        case .notFound: "There is no such resource"
        case .routeNotFound: "There is no such route"
        case .targetNotFound: "The target does not exist"
        case .methodNotAllowed: "The route does not take this method"
        case .requestTimeout: "The request took too long to arrive"
        case .conflict: "The request does not fit the resource's state"
        case .emailTaken: "The address is taken"
        case .handleTaken: "The handle is taken"
        case .seatsTaken: "At least one of the seats is taken"
        case .bookingNotPayable: "The booking is not waiting for payment"
        case .bookingNotCancellable: "The booking cannot be cancelled"
        case .ticketUsed: "The ticket was used before"
        case .passwordTooShort: "A longer password is needed first"
        case .idempotencyInProgress: "A request with this Idempotency-Key is being worked on"
        case .lockExpired: "The seats are no longer held"
        case .preconditionFailed: "The resource has changed"
        case .payloadTooLarge: "The body is too large"
        case .uriTooLong: "The request target is too long"
        case .unsupportedMediaType: "The body's type is not supported"
        case .rangeNotSatisfiable: "The range lies outside the resource"
        case .invalidRequest: "The request is not valid"
        case .unknownField: "The body has a member that is not known"
        case .idempotencyMismatch: "The Idempotency-Key was used with another request"
        case .invalidCursor: "The cursor is not of this list"
        case .unknownSeat: "The hall has no such seat"
        case .invalidLink: "The secret of a link was used, has expired or never was"
        case .weakPassword: "The password is too easy to guess"
        case .amountMismatch: "The amount is not the booking's"
        case .upgradeRequired: "The route speaks WebSocket"
        case .preconditionRequired: "If-Match is required"
        case .rateLimited: "Too many requests"
        case .headersTooLarge: "The header fields are too large"
        case .internalError: "Something went wrong"
        case .notImplemented: "The method is not known"
        case .badGateway: "The service gave no usable answer"
        case .unavailable: "Not available at the moment"
        case .overloaded: "Too busy at the moment"
        case .gatewayTimeout: "The service took too long"
        case .positionNotReached: "What Min-Position asks for has not been applied yet"
        case .positionPassed: "What as_of asks for lies behind what has been counted"
        case .uploadOffsetMismatch: "The upload is at another offset"
        case .uploadGone: "The upload has expired"
        case .tusVersion: "Only tus 1.0.0 is spoken"
        case .quotaExceeded: "The account has no room for it"
        case .uploadLocked: "Another request writes this upload"
        case .tooManyUploads: "Too many uploads are unfinished"
        case .checksumMismatch: "The bytes do not have the checksum"
        case .digestMismatch: "The content has another digest than it should have"
        case .partDiffers: "The part is there already, with another content"
        case .batchNotOpen: "The batch takes no files now"
        case .storageFull: "There is no room left to store it"
        case .commentBlocked: "The account may not comment"
        case .commentNotEditable: "The comment can no longer be changed"
        case .duplicateComment: "The same comment stands there already"
        case .threadLocked: "The comments are locked"
        case .messagesRefused: "This person takes no messages from you"
        case .messageDeleted: "The message is gone"
        case .roomFull: "The room has no place left"
        case .httpVersionNotSupported: "Only HTTP/1.1 and 1.0 are spoken"
        }
    }
}
