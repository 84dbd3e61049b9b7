/// Words that cannot be namespaces, because they are first path segments of the hub's own pages and routes or of what
/// its clients ask for, or would mislead people.
///
/// Lower case.
enum ReservedWords {
    static let all: Set<String> = Set(routes + git + pages + clients + misleading)

    /// First segments of our routes and operations.
    private static let routes =
        RepositoryType.allCases.flatMap { [$0.rawValue, $0.pathSegment] } + [
            "mcpserver", "api", "hf", "csg", "xet", "lfs", "assets", "static", "healthz", "readyz", "livez", "metrics",
            "resolve", "datasets-server", "v1", "v2",
        ]

    /// Names inside a bare repository and of git's services.
    private static let git = [
        "info", "objects", "refs", "hooks", "head", "packed-refs", "git", "git-upload-pack", "git-receive-pack",
        "git-upload-archive", "git-lfs-authenticate", "git-lfs-transfer",
    ]

    /// Web pages.
    private static let pages = [
        "admin", "login", "logout", "join", "register", "password", "settings", "new", "new-model", "new-dataset",
        "new-space", "new-code", "new-mcp", "new-skill", "import", "search", "explore", "activity", "notifications",
        "organizations", "orgs", "users", "me", "docs", "help", "about", "terms", "privacy", "raw", "blob", "tree",
        "commit", "commits", "compare", "discussions", "trending", "oauth", "webhooks", "favicon.ico", "robots.txt",
        "sitemap.xml", "manifest.json",
    ]

    /// First segments that the hub's clients use or that name kinds of repository elsewhere.
    private static let clients = [
        "agent-harnesses", "buckets", "collections", "kernels", "kernel", "papers", "posts", "jobs", "tasks",
        "resolve-cache", "uploads",
    ]

    /// Names that people would take for the hub itself or for nobody.
    private static let misleading = ["granary", "operator", "anonymous", "null", "undefined"]
}
