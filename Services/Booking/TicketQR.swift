import CQRencode

/// A QR code as SVG.
enum TicketQR {
    /// The quiet zone that readers need, in modules (ISO/IEC 18004).
    static let margin = 4

    /// Draws a text of at most a few hundred bytes; nil when it is too long for a QR code.
    static func svg(of text: String) -> String? {
        guard let code = unsafe QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { unsafe QRcode_free(code) }
        let width = Int(unsafe code.pointee.width)
        guard let modules = unsafe code.pointee.data else { return nil }
        var path = ""
        for y in 0..<width {
            var x = 0
            while x < width {
                var run = 0
                while x + run < width, unsafe modules[y * width + x + run] & 1 == 1 { run += 1 }
                if run > 0 { path += "M\(x + margin),\(y + margin)h\(run)v1h-\(run)z" }
                x += max(run, 1)
            }
        }
        let size = width + 2 * margin
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" shape-rendering="crispEdges">\
            <rect width="\(size)" height="\(size)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
            """
    }
}
