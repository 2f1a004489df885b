import Contracts
public import HTTPCore
public import HTTPTransport

extension Request {
    /// Demands `If-Match` with the present version of a resource: 428 without it, 412 when it names another.
    public func requireMatch(_ tag: EntityTag) throws(Problem) {
        guard headerFields.contains(.ifMatch) else { throw Problem(.preconditionRequired) }
        guard Precondition.evaluate(head, tag: tag) == .proceed else { throw Problem(.preconditionFailed) }
    }

    /// Answers a read: 304 when the client holds this version already, else what `make` makes, with its `ETag`.
    public func conditional(_ tag: EntityTag, _ make: () throws -> Response) throws -> Response {
        switch Precondition.evaluate(head, tag: tag) {
        case .notModified: return Response(.notModified, [.eTag: tag.description])
        case .failed: throw Problem(.preconditionFailed)
        case .proceed:
            var response = try make()
            response.headerFields[.eTag] = tag.description
            return response
        }
    }
}
