/// What can be liked.
public enum LikeTarget: String, Codable, Sendable, CaseIterable {
    /// A photo or film.
    case media
    /// What somebody wrote about one.
    case comment
}
