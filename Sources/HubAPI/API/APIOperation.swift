package import HTTPTypes

/// One operation of the API: how it is called, what it answers, and the code that does.
///
/// The route table, the OpenAPI description and the test of access are all made of these, so they cannot disagree.
package struct APIOperation: Sendable {
    /// Chapters of the description.
    package enum Tag: String, Sendable, CaseIterable {
        case accounts, repositories, files, commits, refs, largeFiles, discussions, collections, gates, webhooks,
            spaces, lists, administration, operations
    }

    /// Who gets more than a refusal.
    ///
    /// It decides nothing, use cases do; the description shows it, and the test of access holds the operation to it.
    package enum Need: String, Sendable, CaseIterable {
        /// Everybody.
        case nothing
        /// Whoever shows valid credentials.
        case login
        /// Who may see the repository.
        case readRepository
        /// Who may read the repository's files: gates count.
        case readContent
        /// Who may see the repository and takes part with an account: discussions, likes, asking for access.
        case participate
        /// Who may write to the repository.
        case writeRepository
        /// Who may administer the repository.
        case administerRepository
        /// Who may delete or move the repository.
        case ownRepository
        /// Who may make repositories in the namespace.
        case writeNamespace
        /// The account itself, with its whole power.
        case ownAccount
        /// Administrators of the hub.
        case administerHub
    }

    /// A parameter of the query.
    package struct Parameter: Sendable {
        let name: String
        let schema: APISchema
        let summary: String
        let isRepeated: Bool

        /// A parameter that may be given, once or repeatedly.
        package init(_ name: String, _ schema: APISchema, _ summary: String, isRepeated: Bool = false) {
            self.name = name
            self.schema = schema
            self.summary = summary
            self.isRepeated = isRepeated
        }
    }

    /// A body, of a request or of an answer.
    package enum Body: Sendable {
        case json(APISchema)
        /// JSON, or a form with the same keys.
        case jsonOrForm(APISchema)
        /// Lines of JSON.
        case lines
        case text
        /// Bytes of any type.
        case bytes
        /// No body.
        case none
    }

    /// How it is answered.
    package enum Handler: Sendable {
        /// By an answer that fits in memory.
        case answer(@Sendable (APICall) async throws -> Answer)
        /// By a stream; what is thrown before its first byte is mapped like all errors.
        case stream(@Sendable (APICall, ResponseStream) async throws -> Void)
    }

    package let method: HTTPRequest.Method
    package let paths: [PathTemplate]
    /// OpenAPI's `operationId`: a verb and a noun.
    package let id: String
    /// One sentence.
    package let summary: String
    package let tag: Tag
    package let need: Need
    package let query: [Parameter]
    package let body: Body
    /// Answers besides errors, by status.
    package let answers: [Int: Body]
    let handler: Handler
    /// Whether the same request is answered the same for as long as no record changes: what it says comes from records, from
    /// objects that never change, and from the request.
    private(set) var lasts = false

    /// The operation as one that `lasts`.
    package var lasting: APIOperation {
        var operation = self
        operation.lasts = true
        return operation
    }

    /// An operation with an answer that fits in memory.
    package init(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        id: String,
        _ summary: String,
        tag: Tag,
        need: Need,
        query: [Parameter] = [],
        body: Body = .none,
        answers: [Int: Body],
        _ answer: @escaping @Sendable (APICall) async throws -> Answer
    ) {
        self.init(method, [path], id, summary, tag, need, query, body, answers, .answer(answer))
    }

    /// An operation whose answer is a stream.
    package init(
        streaming method: HTTPRequest.Method,
        at paths: [PathTemplate],
        id: String,
        _ summary: String,
        tag: Tag,
        need: Need,
        query: [Parameter] = [],
        body: Body = .none,
        answers: [Int: Body],
        _ stream: @escaping @Sendable (APICall, ResponseStream) async throws -> Void
    ) {
        self.init(method, paths, id, summary, tag, need, query, body, answers, .stream(stream))
    }

    private init(
        _ method: HTTPRequest.Method,
        _ paths: [PathTemplate],
        _ id: String,
        _ summary: String,
        _ tag: Tag,
        _ need: Need,
        _ query: [Parameter],
        _ body: Body,
        _ answers: [Int: Body],
        _ handler: Handler
    ) {
        self.method = method
        self.paths = paths
        self.id = id
        self.summary = summary
        self.tag = tag
        self.need = need
        self.query = query
        self.body = body
        self.answers = answers
        self.handler = handler
    }
}
