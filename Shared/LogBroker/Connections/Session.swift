import Reactor

/// Who a connection is. Belongs to its loop.
final class Session {
    /// What the client is told to connect to.
    let advertised: AdvertisedListener
    let clientHost: String
    /// A client on this machine, or any where the configuration admits all: it need not authenticate, may use what has
    /// no access rule, and makes topics by asking for them.
    let isTrusted: Bool
    var principal = Principal.anonymous
    var isAuthenticated = false
    var exchange: SASLExchange?
    /// After SaslHandshake version 0 tokens come without a request header (KIP-152 tells how it was before).
    var usesBareTokens = false
    /// The name that the client gives itself in its requests.
    var clientID = ""
    let clock = RequestClock()
    /// Milliseconds that the request at hand owes to a quota of bytes or partitions.
    var owed: Int32 = 0
    /// Milliseconds that the connection is not read after its answer.
    var pause: Int32 = 0

    init(_ connection: Connection, core: BrokerCore) {
        advertised = core.advertised(to: connection.localAddress)
        clientHost = connection.remoteAddress.host
        isTrusted = connection.remoteAddress.isLoopback || core.configuration.allowsAnonymous
    }

    var mayProceed: Bool { isAuthenticated || isTrusted }
}
