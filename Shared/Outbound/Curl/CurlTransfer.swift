import CCurl

/// One libcurl transfer: its handle, what it sends and what has come in. Rule: after `configure` only the client's thread
/// touches it.
@safe final class CurlTransfer: @unchecked Sendable {  // handed over once, to the thread that runs it
    /// Called once, on the client's thread.
    typealias Completion = @Sendable (Result<OutboundResponse, OutboundError>) -> Void

    let handle: UnsafeMutableRawPointer
    private let completion: Completion
    private var strings: [UnsafeMutablePointer<curl_slist>?] = unsafe []
    private var toSend: [UInt8]
    private var sent = 0
    private var received: [UInt8] = []
    private var fields: [(name: String, value: String)] = []
    private let maximumResponseBytes: Int
    private var isTooLarge = false

    /// - Throws: `closed` when libcurl has no memory.
    init(sending bytes: [UInt8], maximumResponseBytes: Int, completion: @escaping Completion) throws(OutboundError) {
        guard let handle = unsafe curl_easy_init() else { throw OutboundError(.closed, "no memory") }
        unsafe self.handle = handle
        self.toSend = bytes
        self.maximumResponseBytes = maximumResponseBytes
        self.completion = completion
    }

    deinit {
        while let list = unsafe strings.popLast() { unsafe curl_slist_free_all(list) }
        unsafe curl_easy_cleanup(handle)
    }

    func set(_ option: CURLoption, _ value: Int) { unsafe _ = curl_set_long(handle, option, value) }

    func set(_ option: CURLoption, _ value: String) { unsafe _ = curl_set_string(handle, option, value) }

    func set(_ option: CURLoption, list: [String]) {
        var head: UnsafeMutablePointer<curl_slist>?
        for text in list { unsafe head = curl_slist_append(head, text) }
        unsafe strings.append(head)
        unsafe _ = curl_set_pointer(handle, option, head)
    }

    func refusePrivateAddresses() { unsafe _ = curl_set_public_only(handle) }

    /// What every transfer sets: callbacks to this object, no signals, no proxy of the environment, a deadline.
    func configure(protocols: String, deadlineMilliseconds: Int) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_PROTOCOLS_STR, protocols)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(deadlineMilliseconds, 10_000))
        set(CURLOPT_TIMEOUT_MS, deadlineMilliseconds)
        unsafe _ = curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        unsafe _ = curl_set_data_function(handle, CURLOPT_WRITEFUNCTION) { @Sendable bytes, size, count, context in
            unsafe CurlTransfer.from(context).receive(bytes, size * count)
        }
        unsafe _ = curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        unsafe _ = curl_set_data_function(handle, CURLOPT_HEADERFUNCTION) { @Sendable bytes, size, count, context in
            unsafe CurlTransfer.from(context).receiveField(bytes, size * count)
        }
        unsafe _ = curl_set_pointer(handle, CURLOPT_READDATA, context)
        unsafe _ = curl_set_data_function(handle, CURLOPT_READFUNCTION) { @Sendable bytes, size, count, context in
            unsafe CurlTransfer.from(context).send(into: bytes, size * count)
        }
    }

    @unsafe private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
        // libcurl hands back what `configure` set; the client keeps the object until the transfer has ended.
        unsafe Unmanaged<CurlTransfer>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    @unsafe private func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard received.count + count <= maximumResponseBytes else {
            isTooLarge = true
            return 0
        }
        unsafe received.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    @unsafe private func receiveField(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let line = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // An interim answer's fields do not count.
            fields = []
        } else if let colon = line.firstIndex(of: ":"), fields.count < 200 {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append((String(line[..<colon]), String(value.prefix { !$0.isNewline })))
        }
        return count
    }

    @unsafe private func send(into bytes: UnsafeMutablePointer<CChar>?, _ room: Int) -> Int {
        let count = min(room, toSend.count - sent)
        guard count > 0 else { return 0 }
        unsafe toSend[sent..<sent + count].withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: bytes, count: count).copyMemory(from: source)
        }
        sent += count
        return count
    }

    /// Tells the caller how the transfer ended.
    func finish(_ code: CURLcode) {
        var status = 0
        unsafe _ = curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        if code == CURLE_OK {
            completion(.success(OutboundResponse(status: status, headers: fields, body: received)))
        } else {
            completion(.failure(error(code, status: status)))
        }
    }

    func fail(_ error: OutboundError) { completion(.failure(error)) }

    private func error(_ code: CURLcode, status: Int) -> OutboundError {
        let text = unsafe String(cString: curl_easy_strerror(code))
        if isTooLarge { return OutboundError(.tooLarge, "the answer is larger than \(maximumResponseBytes) bytes") }
        if code == CURLE_OPERATION_TIMEDOUT { return OutboundError(.timeout, text) }
        if code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT { return OutboundError(.refused, text) }
        // 421 and 4yz: try later; 5yz and an answer to the log-in: no.
        if (400..<500).contains(status) { return OutboundError(.temporary, "\(status) \(text)") }
        if (500..<600).contains(status) { return OutboundError(.rejected, "\(status) \(text)") }
        return OutboundError(.unreachable, text)
    }
}
