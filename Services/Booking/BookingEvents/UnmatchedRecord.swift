/// A record that does not fit Booking's own rows: another installation's, forged, or newer than a restored backup.
struct UnmatchedRecord: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
