import ServiceKit

/// What somebody logs in from: browser and system, on a network. Known by its first log-in.
struct Device: Sendable, Equatable {
    /// Devices remembered of one person; the one seen longest ago goes.
    static let limit = 100

    /// `Firefox, Linux`, of words of ours: what a client calls itself is not repeated in mails.
    let name: String
    /// /24 or /48.
    let network: String

    /// The device that a log-in names.
    init(userAgent: String, network: String) {
        name = DeviceName.of(userAgent: userAgent)
        self.network = network
    }
}
