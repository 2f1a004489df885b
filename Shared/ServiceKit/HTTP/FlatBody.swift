public import EventBus

/// A request body of a busy route that reads its plain form itself. What is not plain, or not right, is left to
/// ``JSONBody``, which says what is wrong.
public protocol FlatBody: Decodable {
    /// Nil unless the object has exactly the members of the type.
    init?(flat object: FlatJSONReader)
}
