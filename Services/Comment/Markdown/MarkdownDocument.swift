import CCmark

/// A parsed CommonMark document (libcmark), walked without recursion. One thread at a time.
@safe struct MarkdownDocument: ~Copyable {
    /// A step of the walk. Containers are entered and left, leaves are met once.
    enum Step {
        case enter(Container)
        case exit(Container)
        case leaf(Leaf)
    }

    /// A node that holds others.
    enum Container: Equatable {
        case paragraph(isTight: Bool)
        case heading
        case blockQuote
        /// `start` is nil for bullets.
        case list(start: Int?)
        case item
        case emphasis
        case strong
        case link(String)
        case image
    }

    /// A node with a text of its own, or none.
    enum Leaf: Equatable {
        case text(String)
        case code(String)
        case codeBlock(String)
        /// Raw HTML, which is never believed.
        case html(String)
        case htmlBlock(String)
        case softBreak
        case lineBreak
        case thematicBreak
    }

    private let root: OpaquePointer

    /// Parses a text. Takes time in proportion to it but for inputs made to hurt, so callers bound its length.
    init?(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe cmark_parse_document(characters.baseAddress, characters.count, CMARK_OPT_DEFAULT)
            }
        }
        guard let parsed = unsafe parsed else { return nil }
        unsafe cmark_consolidate_text_nodes(parsed)
        unsafe root = parsed
    }

    deinit { unsafe cmark_node_free(root) }

    /// Hands every node to `visit` in document order until it throws.
    borrowing func walk<Failure: Error>(_ visit: (Step) throws(Failure) -> Void) throws(Failure) {
        guard let iterator = unsafe cmark_iter_new(root) else { return }
        defer { unsafe cmark_iter_free(iterator) }
        while true {
            let event = unsafe cmark_iter_next(iterator)
            guard event != CMARK_EVENT_DONE, let node = unsafe cmark_iter_get_node(iterator) else { return }
            if let container = unsafe Self.container(node) {
                try visit(event == CMARK_EVENT_ENTER ? .enter(container) : .exit(container))
            } else if let leaf = unsafe Self.leaf(node) {
                try visit(.leaf(leaf))
            }
        }
    }

    private static func container(_ node: OpaquePointer) -> Container? {
        switch unsafe cmark_node_get_type(node) {
        case CMARK_NODE_PARAGRAPH:
            // Of an item in a tight list: asked of the list, two up.
            let list = unsafe cmark_node_parent(node).flatMap { unsafe cmark_node_parent($0) }
            return .paragraph(isTight: unsafe list.map { unsafe cmark_node_get_list_tight($0) == 1 } ?? false)
        case CMARK_NODE_HEADING: return .heading
        case CMARK_NODE_BLOCK_QUOTE: return .blockQuote
        case CMARK_NODE_LIST:
            let isOrdered = unsafe cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
            return .list(start: isOrdered ? Int(unsafe cmark_node_get_list_start(node)) : nil)
        case CMARK_NODE_ITEM: return .item
        case CMARK_NODE_EMPH: return .emphasis
        case CMARK_NODE_STRONG: return .strong
        case CMARK_NODE_LINK: return .link(unsafe text(cmark_node_get_url(node)))
        case CMARK_NODE_IMAGE: return .image
        default: return nil
        }
    }

    private static func leaf(_ node: OpaquePointer) -> Leaf? {
        switch unsafe cmark_node_get_type(node) {
        case CMARK_NODE_TEXT: .text(unsafe text(cmark_node_get_literal(node)))
        case CMARK_NODE_CODE: .code(unsafe text(cmark_node_get_literal(node)))
        case CMARK_NODE_CODE_BLOCK: .codeBlock(unsafe text(cmark_node_get_literal(node)))
        case CMARK_NODE_HTML_INLINE: .html(unsafe text(cmark_node_get_literal(node)))
        case CMARK_NODE_HTML_BLOCK: .htmlBlock(unsafe text(cmark_node_get_literal(node)))
        case CMARK_NODE_SOFTBREAK: .softBreak
        case CMARK_NODE_LINEBREAK: .lineBreak
        case CMARK_NODE_THEMATIC_BREAK: .thematicBreak
        // The document itself; libcmark makes no other nodes of a text.
        default: nil
        }
    }

    private static func text(_ characters: UnsafePointer<CChar>?) -> String {
        unsafe characters.map { unsafe String(cString: $0) } ?? ""
    }
}
