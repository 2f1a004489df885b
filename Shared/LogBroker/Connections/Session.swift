import Reactor

/// Who a connection is. Belongs to its loop.
final class Session {
    /// What the client is told to connect to.
    let advertised: AdvertisedListener
    let clientHost: String
    /// A client on this machine, or any where the configuration admits all: it need not authenticate, may use what has
    /// no access rule, and makes topics by asking for them.
    let isTrusted: Bool
    private(set) var principal = Principal.anonymous
    private(set) var isAuthenticated = false
    /// Who has logged in by SASL.
    private(set) var loggedIn: Principal?
    /// When a log-in is over: what comes later than that, before the next log-in, ends the connection (KIP-368).
    private var expiry = Deadline.never
    var exchange: SASLExchange?
    /// The API key of the request that is being handled.
    var call: Int16 = -1
    /// After SaslHandshake version 0 tokens come without a request header (KIP-152 tells how it was before).
    var usesBareTokens = false
    /// The name that the client gives itself in its requests.
    var clientID = ""
    let clock = RequestClock()
    /// Milliseconds that the request at hand owes to a quota of bytes or partitions.
    var owed: Int32 = 0
    /// Milliseconds that the connection is not read after its answer.
    var pause: Int32 = 0

    init(_ stream: ClientStream, core: BrokerCore) {
        let connection = stream.connection
        advertised = core.advertised(to: connection.localAddress)
        clientHost = connection.remoteAddress.host
        isTrusted = connection.remoteAddress.isLoopback || core.configuration.allowsAnonymous
        if let subject = stream.certifiedSubject {
            principal = Principal(name: subject)
            isAuthenticated = true
        }
    }

    func logIn(_ principal: Principal, lifetime milliseconds: Int64?) {
        self.principal = principal
        isAuthenticated = true
        loggedIn = principal
        exchange = nil
        expiry = milliseconds.map { .after(.milliseconds($0)) } ?? .never
    }

    func logOut() {
        principal = .anonymous
        isAuthenticated = false
        loggedIn = nil
        exchange = nil
        expiry = .never
    }

    var hasExpired: Bool { expiry != .never && expiry <= .after(.zero) }

    var mayProceed: Bool { isAuthenticated || isTrusted }
}
