/// Files and directories that were written and not synced, by their paths: a file may have been closed meanwhile.
struct SegmentChanges: Sendable {
    var files: Set<String> = []
    /// Those of new segments.
    var directories: Set<String> = []

    mutating func formUnion(_ other: SegmentChanges) {
        files.formUnion(other.files)
        directories.formUnion(other.directories)
    }

    mutating func subtract(_ other: SegmentChanges) {
        files.subtract(other.files)
        directories.subtract(other.directories)
    }
}
