import System
import Testing

@testable import AnalyticsService

@Suite struct TraceTests {
    private func item(_ id: String, _ kind: TraceItem.Kind, parent: String?, cause: String? = nil) -> TraceItem {
        TraceItem(
            trace: [],
            id: id,
            kind: kind,
            time: Timestamp(milliseconds: 0),
            name: id,
            service: "x",
            parent: parent,
            cause: cause
        )
    }

    /// `a(b,c)` for a node with two children.
    private func text(_ nodes: [TraceTree.Node]) -> String {
        nodes.map { $0.item.id + ($0.children.isEmpty ? "" : "(\(text($0.children)))") }.joined(separator: ",")
    }

    @Test func `what a call caused hangs below it`() {
        let items = [
            item("gateway", .request, parent: "client"), item("booking", .request, parent: "gateway"),
            item("requested", .event, parent: "booking"), item("locker", .consumer, parent: "requested"),
            item("locked", .event, parent: "locker", cause: "requested"),
        ]
        let tree = TraceTree("t", items, limit: 10)
        #expect(text(tree.roots) == "gateway(booking(requested(locker(locked))))")
        #expect(!tree.isTruncated && TraceTree("t", items, limit: 2).isTruncated)
    }

    @Test func `below a lost span an event hangs on what caused it, or at the top`() {
        let items = [
            item("requested", .event, parent: "lost"), item("locked", .event, parent: "lost too", cause: "requested"),
        ]
        #expect(text(TraceTree("t", items, limit: 10).roots) == "requested(locked)")
    }

    @Test func `what claims to have caused itself ends`() {
        let circle = [item("a", .event, parent: "b"), item("b", .event, parent: "a"), item("c", .event, parent: "c")]
        #expect(text(TraceTree("t", circle, limit: 10).roots) == "c")
        let chain = (0..<200).map { item("\($0)", .event, parent: $0 == 0 ? nil : "\($0 - 1)") }
        #expect(TraceTree("t", chain, limit: 1000).items == 200)
    }

    @Test func `a flood of items is kept up to a number, and then at a rate`() {
        let index = TraceIndex()
        let now = Timestamp(milliseconds: 1_000_000)
        var kept = 0
        for _ in 0..<Int(TraceIndex.burst + 1000) where index.hasRoom(at: now) { kept += 1 }
        #expect(kept == Int(TraceIndex.burst))
        var later = 0
        for _ in 0..<1000 where index.hasRoom(at: now.adding(seconds: 2)) { later += 1 }
        #expect(later == Int(2 * TraceIndex.perSecond))
    }

    @Test func `a trace's id is thirty-two hexadecimal digits`() {
        #expect(TraceItem.bytes(ofHexadecimal: "0af7651916cd43dd8448eb211c80319c")?.count == 16)
        #expect(TraceItem.bytes(ofHexadecimal: "0af7") == nil)
        #expect(TraceItem.bytes(ofHexadecimal: String(repeating: "ê", count: 16)) == nil)
        #expect(TraceItem.bytes(ofHexadecimal: String(repeating: "+", count: 32)) == nil)
    }
}
