import CCurl
import Synchronization
import System

/// Sends HTTP requests and mails over libcurl, on one thread of its own. Any task may call it; a cancelled caller's
/// transfer runs to its deadline.
public final class OutboundClient: Sendable {
    /// Transfers that may wait or run; more get `closed`.
    public static let maximumTransfers = 256
    private static let pollMilliseconds: Int32 = 1000

    private struct State {
        var queued: [CurlTransfer] = []
        var count = 0
        var isClosed = false
        var thread: Thread?
    }

    /// A multi handle belongs to the thread; only `curl_multi_wakeup` may be called from others (libcurl's manual).
    @safe private struct Multi: @unchecked Sendable {
        let handle: UnsafeMutableRawPointer
    }

    private let state = Mutex(State())
    private let multi: Multi

    // libcurl must be set up once, before its first thread.
    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Starts the thread.
    ///
    /// - Throws: `closed` when libcurl does not start, `SystemError` without a thread.
    public init() throws {
        guard Self.isReady, let handle = unsafe curl_multi_init() else {
            throw OutboundError(.closed, "libcurl does not start")
        }
        multi = unsafe Multi(handle: handle)
        let thread = try Thread.start(name: "outbound") { [self] in serve() }
        state.withLock { $0.thread = thread }
    }

    /// Sends a request and returns the answer, whatever its status.
    ///
    /// - Throws: `invalid`, `refused`, `unreachable`, `timeout`, `tooLarge` or `closed`.
    public func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        try checkLine(request.method, "the method")
        try checkLine(request.url, "the URL")
        for header in request.headers { try checkLine(header.name + header.value, "header \(header.name)") }
        return try await perform(sending: request.body ?? [], maximum: request.maximumResponseBytes) { transfer in
            transfer.configure(protocols: "http,https", deadlineMilliseconds: request.deadlineMilliseconds)
            transfer.set(CURLOPT_URL, request.url)
            transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
            if let body = request.body {
                transfer.set(CURLOPT_UPLOAD, 1)
                transfer.set(CURLOPT_INFILESIZE, body.count)
            }
            transfer.set(CURLOPT_CUSTOMREQUEST, request.method)
            if request.method == "HEAD" { transfer.set(CURLOPT_NOBODY, 1) }
            transfer.set(CURLOPT_HTTPHEADER, list: request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"])
            // The guard is not asked for a kept connection, so none is kept.
            transfer.set(CURLOPT_FRESH_CONNECT, 1)
            transfer.set(CURLOPT_FORBID_REUSE, 1)
            if request.publicOnly { transfer.refusePrivateAddresses() }
        }
    }

    /// Hands a mail to the server; returns when the server has taken it.
    ///
    /// - Throws: `temporary` or `rejected` as the server said, `invalid`, `unreachable`, `timeout` or `closed`.
    public func send(
        _ message: MailMessage,
        through server: SMTPServer,
        deadlineMilliseconds: Int = 30_000
    ) async throws {
        let bytes = try message.bytes()
        _ = try await perform(sending: bytes, maximum: 1 << 16) { transfer in
            transfer.configure(protocols: "smtp,smtps", deadlineMilliseconds: deadlineMilliseconds)
            transfer.set(CURLOPT_URL, server.url)
            transfer.set(CURLOPT_USE_SSL, Int((server.requiresTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
            if let user = server.user, let password = server.password {
                transfer.set(CURLOPT_USERNAME, user)
                transfer.set(CURLOPT_PASSWORD, password)
            }
            transfer.set(CURLOPT_UPLOAD, 1)
            transfer.set(CURLOPT_MAIL_FROM, "<\(message.from.address)>")
            transfer.set(CURLOPT_MAIL_RCPT, list: ["<\(message.to.address)>"])
        }
    }

    private func perform(
        sending bytes: [UInt8],
        maximum: Int,
        _ configure: (CurlTransfer) -> Void
    ) async throws -> OutboundResponse {
        try await withCheckedThrowingContinuation { continuation in
            do throws(OutboundError) {
                let transfer = try CurlTransfer(sending: bytes, maximumResponseBytes: maximum) {
                    continuation.resume(with: $0)
                }
                configure(transfer)
                submit(transfer)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private func submit(_ transfer: CurlTransfer) {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.count < Self.maximumTransfers else { return false }
            state.count += 1
            state.queued.append(transfer)
            // Under the lock: `close` lets the thread free the handle only after it.
            unsafe curl_multi_wakeup(multi.handle)
            return true
        }
        if !isTaken { transfer.fail(OutboundError(.closed, "the client is closed or has too much to do")) }
    }

    private func serve() {
        var running: [UnsafeMutableRawPointer: CurlTransfer] = unsafe [:]
        while true {
            let (queued, isClosed) = state.withLock { state in
                defer { state.queued = [] }
                return (state.queued, state.isClosed)
            }
            if isClosed {
                for transfer in queued { transfer.fail(OutboundError(.closed, "the client is closed")) }
                break
            }
            for transfer in queued {
                unsafe running[transfer.handle] = transfer
                unsafe curl_multi_add_handle(multi.handle, transfer.handle)
            }
            var active: Int32 = 0
            unsafe curl_multi_perform(multi.handle, &active)
            unsafe finishEnded(&running)
            unsafe curl_multi_poll(multi.handle, nil, 0, Self.pollMilliseconds, nil)
        }
        while let (handle, transfer) = unsafe running.popFirst() {
            unsafe curl_multi_remove_handle(multi.handle, handle)
            transfer.fail(OutboundError(.closed, "the client is closed"))
        }
        unsafe curl_multi_cleanup(multi.handle)
    }

    @unsafe private func finishEnded(_ running: inout [UnsafeMutableRawPointer: CurlTransfer]) {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi.handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let handle = unsafe message.pointee.easy_handle else {
                continue
            }
            // Copied before the handle is removed: the message dies with it.
            let code = unsafe message.pointee.data.result
            unsafe curl_multi_remove_handle(multi.handle, handle)
            let transfer = unsafe running.removeValue(forKey: handle)
            state.withLock { $0.count -= 1 }
            transfer?.finish(code)
        }
    }

    /// Ends what runs with `closed` and returns when the thread has ended. Blocks: not on an event loop.
    public func close() {
        let thread = state.withLock { state -> Thread? in
            defer { state.thread = nil }
            guard !state.isClosed else { return nil }
            state.isClosed = true
            unsafe curl_multi_wakeup(multi.handle)
            return state.thread
        }
        thread?.join()
    }
}
