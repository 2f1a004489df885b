import CCurl
import Synchronization
import System

/// Sends HTTP requests and mails over libcurl, on one thread of its own. Any task may call it; a cancelled caller's
/// transfer ends.
public final class OutboundClient: Sendable {
    /// Transfers that may wait or run; more get `closed`.
    public static let maximumTransfers = 256
    private static let pollMilliseconds: Int32 = 1000

    private struct State {
        var queued: [CurlTransfer] = []
        var resumed: [Exchange] = []
        var abandoned: [Exchange] = []
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
        let stream = try await open(request)
        return OutboundResponse(head: stream.head, body: try await stream.collect(upTo: request.maximumResponseBytes))
    }

    /// Sends a request and returns the answer when its head is there; the body comes as fast as it is taken.
    ///
    /// - Throws: as `send`.
    public func open(_ request: OutboundRequest) async throws -> OutboundStream {
        try checkLine(request.method, "the method")
        try checkLine(request.url, "the URL")
        for header in request.headers { try checkLine(header.name + header.value, "header \(header.name)") }
        let exchange = Exchange()
        let transfer = try CurlTransfer(sending: request.body ?? .bytes([]), to: exchange)
        configure(transfer, for: request)
        guard let head = try await run(transfer) else { throw OutboundError(.unreachable, "there is no answer") }
        return OutboundStream(head, exchange, self)
    }

    private func configure(_ transfer: CurlTransfer, for request: OutboundRequest) {
        transfer.configure(
            protocols: "http,https",
            deadlineMilliseconds: request.deadlineMilliseconds,
            stallSeconds: request.stallSeconds
        )
        transfer.set(CURLOPT_URL, request.url)
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // libcurl announces bodies above 1 MiB (`Expect: 100-continue`): a server may refuse before it has seen them.
        if request.body != nil { transfer.upload() }
        transfer.set(CURLOPT_CUSTOMREQUEST, request.method)
        if request.method == "HEAD" { transfer.set(CURLOPT_NOBODY, 1) }
        transfer.set(CURLOPT_HTTPHEADER, list: request.headers.map { "\($0.name): \($0.value)" })
        if let signature = request.signature {
            transfer.set(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):s3")
            transfer.set(CURLOPT_USERNAME, signature.accessKey)
            transfer.set(CURLOPT_PASSWORD, signature.secretKey)
        }
        if request.publicOnly {
            transfer.refusePrivateAddresses()
            // The guard is not asked for a kept connection, so none is kept.
            transfer.set(CURLOPT_FRESH_CONNECT, 1)
            transfer.set(CURLOPT_FORBID_REUSE, 1)
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
        let transfer = try CurlTransfer(sending: .bytes(try message.bytes()), to: Exchange())
        transfer.configure(protocols: "smtp,smtps", deadlineMilliseconds: deadlineMilliseconds)
        transfer.set(CURLOPT_URL, server.url)
        transfer.set(CURLOPT_USE_SSL, Int((server.requiresTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        if let user = server.user, let password = server.password {
            transfer.set(CURLOPT_USERNAME, user)
            transfer.set(CURLOPT_PASSWORD, password)
        }
        transfer.upload()
        transfer.set(CURLOPT_MAIL_FROM, "<\(message.from.address)>")
        transfer.set(CURLOPT_MAIL_RCPT, list: ["<\(message.to.address)>"])
        _ = try await run(transfer)
    }

    // MARK: The caller's side

    /// Hands the transfer to the thread and waits for the answer's head, or for the end where there is none.
    private func run(_ transfer: CurlTransfer) async throws -> OutboundHead? {
        let exchange = transfer.exchange
        submit(transfer)
        do {
            return try await exchange.head()
        } catch {
            abandon(exchange)
            throw error
        }
    }

    /// Lets a paused transfer go on.
    func resume(_ exchange: Exchange) { tell { $0.resumed.append(exchange) } }

    /// Ends a transfer that nobody waits for any more.
    func abandon(_ exchange: Exchange) {
        if !exchange.isOver { tell { $0.abandoned.append(exchange) } }
    }

    private func tell(_ change: (inout State) -> Void) {
        state.withLock { state in
            guard !state.isClosed else { return }
            change(&state)
            // Under the lock: `close` lets the thread free the handle only after it.
            unsafe curl_multi_wakeup(multi.handle)
        }
    }

    private func submit(_ transfer: CurlTransfer) {
        var isTaken = false
        tell { state in
            guard state.count < Self.maximumTransfers else { return }
            state.count += 1
            state.queued.append(transfer)
            isTaken = true
        }
        let error = OutboundError(.closed, "the client is closed or has too much to do")
        if !isTaken { transfer.exchange.finish(.failure(error)) }
    }

    // MARK: The thread

    private func serve() {
        var running: [UnsafeMutableRawPointer: CurlTransfer] = unsafe [:]
        while true {
            let news = state.withLock { state in
                defer { (state.queued, state.resumed, state.abandoned) = ([], [], []) }
                return state
            }
            for transfer in news.queued {
                unsafe running[transfer.handle] = transfer
                unsafe curl_multi_add_handle(multi.handle, transfer.handle)
            }
            if news.isClosed { break }
            for exchange in news.abandoned {
                unsafe end(exchange, OutboundError(.closed, "nobody waits for it"), &running)
            }
            for exchange in news.resumed {
                guard let transfer = unsafe running.values.first(where: { $0.exchange === exchange }) else { continue }
                unsafe curl_easy_pause(transfer.handle, CURLPAUSE_CONT)
            }
            var active: Int32 = 0
            unsafe curl_multi_perform(multi.handle, &active)
            unsafe finishEnded(&running)
            unsafe curl_multi_poll(multi.handle, nil, 0, Self.pollMilliseconds, nil)
        }
        for transfer in unsafe Array(running.values) {
            unsafe end(transfer.exchange, OutboundError(.closed, "the client is closed"), &running)
        }
        unsafe curl_multi_cleanup(multi.handle)
    }

    /// Ends a transfer that runs; content when it has ended by itself.
    @unsafe private func end(
        _ exchange: Exchange,
        _ error: OutboundError,
        _ running: inout [UnsafeMutableRawPointer: CurlTransfer]
    ) {
        guard let transfer = unsafe running.values.first(where: { $0.exchange === exchange }) else { return }
        unsafe curl_multi_remove_handle(multi.handle, transfer.handle)
        unsafe running[transfer.handle] = nil
        state.withLock { $0.count -= 1 }
        exchange.finish(.failure(error))
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
