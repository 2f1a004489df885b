import Reactor
import ServiceKit
import Testing

struct AddressBlockTests {
    @Test(arguments: [
        "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::1/129", "", "example.org", "1.2.3.4/8/8", "localhost",
    ])
    func `what is no block of addresses is refused`(text: String) {
        #expect(AddressBlock(text) == nil)
    }

    @Test func `a block holds the addresses that begin like it`() throws {
        let block = try #require(AddressBlock("192.168.4.0/22"))
        func holds(_ host: String) throws -> Bool { block.contains(try #require(SocketAddress(host: host, port: 0))) }
        #expect(try holds("192.168.4.0") && holds("192.168.7.255"))
        #expect(try !holds("192.168.8.0") && !holds("192.168.3.255") && !holds("::1"))
        #expect(AddressBlock("0.0.0.0/0") != nil)
    }
}
