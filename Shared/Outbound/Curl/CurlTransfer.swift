import CCurl
import System

/// One libcurl transfer: its handle, what it sends, and where what comes in goes. Rule: after `configure` only the client's
/// thread touches it.
@safe final class CurlTransfer: @unchecked Sendable {  // handed over once, to the thread that runs it
    private static let maximumFields = 200
    /// Bytes that libcurl asks for, and hands over, at once.
    private static let pieceSize = 256 << 10

    let handle: UnsafeMutableRawPointer
    let exchange: Exchange
    private var strings: [UnsafeMutablePointer<curl_slist>?] = unsafe []
    private let body: OutboundBody
    private var sent: Int64 = 0
    private var isUnreadable = false
    private var status = 0
    private var fields: [(name: String, value: String)] = []
    private var hasBegun = false
    /// The addresses that the guard was asked about.
    private let addresses = UnsafeMutablePointer<curl_address_counts>.allocate(capacity: 1)

    /// - Throws: `closed` when libcurl has no memory.
    init(sending body: OutboundBody, to exchange: Exchange) throws(OutboundError) {
        guard let handle = unsafe curl_easy_init() else { throw OutboundError(.closed, "no memory") }
        unsafe self.handle = handle
        unsafe addresses.initialize(to: curl_address_counts())
        self.body = body
        self.exchange = exchange
    }

    deinit {
        while let list = unsafe strings.popLast() { unsafe curl_slist_free_all(list) }
        unsafe curl_easy_cleanup(handle)
        unsafe addresses.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) { unsafe _ = curl_set_long(handle, option, value) }

    func set(_ option: CURLoption, _ value: String) { unsafe _ = curl_set_string(handle, option, value) }

    func set(_ option: CURLoption, list: [String]) {
        var head: UnsafeMutablePointer<curl_slist>?
        for text in list { unsafe head = curl_slist_append(head, text) }
        unsafe strings.append(head)
        unsafe _ = curl_set_pointer(handle, option, head)
    }

    func refusePrivateAddresses() { unsafe _ = curl_set_public_only(handle, addresses) }

    /// Sends the body, whose size is known.
    func upload() {
        set(CURLOPT_UPLOAD, 1)
        unsafe _ = curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, Int(body.size))
        set(CURLOPT_UPLOAD_BUFFERSIZE, Self.pieceSize)
    }

    /// What every transfer sets: callbacks to this object, no signals, no proxy of the environment, a deadline.
    func configure(protocols: String, deadlineMilliseconds: Int?, stallSeconds: Int? = nil) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_PROTOCOLS_STR, protocols)
        set(CURLOPT_BUFFERSIZE, Self.pieceSize)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(deadlineMilliseconds ?? .max, (stallSeconds ?? .max / 1000) * 1000, 10_000))
        if let deadlineMilliseconds { set(CURLOPT_TIMEOUT_MS, deadlineMilliseconds) }
        if let stallSeconds {
            set(CURLOPT_LOW_SPEED_LIMIT, 1)
            set(CURLOPT_LOW_SPEED_TIME, stallSeconds)
        }
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
        unsafe _ = curl_set_pointer(handle, CURLOPT_SEEKDATA, context)
        unsafe _ = curl_set_seek_function(handle) { @Sendable context, offset, _ in
            // libcurl only ever goes back to a place counted from the beginning.
            unsafe CurlTransfer.from(context).sent = Int64(offset)
            return Int32(CURL_SEEKFUNC_OK)
        }
    }

    @unsafe private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
        // libcurl hands back what `configure` set; the client keeps the object until the transfer has ended.
        unsafe Unmanaged<CurlTransfer>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    @unsafe private func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let isTaken = unsafe exchange.receive(UnsafeRawBufferPointer(start: bytes, count: count))
        return isTaken ? count : Int(CURL_WRITEFUNC_PAUSE)
    }

    @unsafe private func receiveField(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let line = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // An interim answer's fields do not count.
            fields = []
            status = Int(line.split(separator: " ").dropFirst().first?.prefix(3) ?? "") ?? 0
        } else if let colon = line.firstIndex(of: ":"), fields.count < Self.maximumFields {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append((String(line[..<colon]), String(value.prefix { !$0.isNewline })))
        } else if line == "\r\n", status >= 200, !hasBegun {
            hasBegun = true
            exchange.begin(OutboundHead(status: status, headers: fields))
        }
        return count
    }

    @unsafe private func send(into bytes: UnsafeMutablePointer<CChar>?, _ room: Int) -> Int {
        let count = Int(min(Int64(room), body.size - sent))
        guard count > 0 else { return 0 }
        guard let piece = piece(count) else {
            isUnreadable = true
            return Int(CURL_READFUNC_ABORT)
        }
        unsafe piece.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: bytes, count: count).copyMemory(from: source)
        }
        sent += Int64(count)
        return count
    }

    private func piece(_ count: Int) -> ArraySlice<UInt8>? {
        switch body {
        case .bytes(let bytes): return bytes[Int(sent)..<Int(sent) + count]
        case .file(let file, let range):
            // Why the file cannot be read does not matter to who waits for the answer.
            guard let piece = try? file.read(at: range.lowerBound + sent, count: count), piece.count == count else {
                return nil
            }
            return piece[...]
        }
    }

    /// Tells the caller how the transfer ended.
    func finish(_ code: CURLcode) {
        exchange.finish(code == CURLE_OK ? .success(()) : .failure(error(code)))
    }

    private func error(_ code: CURLcode) -> OutboundError {
        var status = 0
        unsafe _ = curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        let text = unsafe String(cString: curl_easy_strerror(code))
        if isUnreadable { return OutboundError(.invalid, "the file cannot be read, or is shorter than was said") }
        if code == CURLE_OPERATION_TIMEDOUT { return OutboundError(.timeout, text) }
        if unsafe addresses.pointee.refused > 0 && addresses.pointee.allowed == 0 {
            return OutboundError(.refused, "the address is not on the public Internet")
        }
        if code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT { return OutboundError(.refused, text) }
        // 421 and 4yz: try later; 5yz and an answer to the log-in: no.
        if (400..<500).contains(status) { return OutboundError(.temporary, "\(status) \(text)", status: status) }
        if (500..<600).contains(status) { return OutboundError(.rejected, "\(status) \(text)", status: status) }
        return OutboundError(.unreachable, text)
    }
}
