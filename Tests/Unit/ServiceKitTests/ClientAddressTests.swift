import ServiceKit
import Testing

@Suite struct ClientAddressTests {
    @Test func `limits count what one subscriber has, logs hold the network alone`() throws {
        let home = try #require(ClientAddress("203.0.113.7"))
        #expect(home.limitKey == "203.0.113.7" && home.prefix == "203.0.113.0/24")
        let phone = try #require(ClientAddress("2001:db8:1:2:3:4:5:6"))
        #expect(phone.limitKey == "2001:db8:1:2::/64" && phone.prefix == "2001:db8:1::/48")
        #expect(ClientAddress("2001:db8:1:2::9")?.limitKey == phone.limitKey)
        #expect(ClientAddress("not an address") == nil)
    }

    @Test func `an IPv4 address in IPv6 form is the same client`() throws {
        #expect(ClientAddress("::ffff:203.0.113.7") == ClientAddress("203.0.113.7"))
        #expect(ClientAddress("::ffff:203.0.113.8")?.limitKey == "203.0.113.8")
    }
}
