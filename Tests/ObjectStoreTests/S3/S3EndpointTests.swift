import ObjectStore
import Testing

@Suite struct S3EndpointTests {
    @Test(arguments: [
        ("https://s3.example.org", true, "s3.example.org"), ("http://127.0.0.1:8333", false, "127.0.0.1:8333"),
        ("HTTPS://S3.Example.org:443/", true, "s3.example.org"), ("http://[::1]:9000", false, "[::1]:9000"),
        ("http://minio:80", false, "minio"),
    ])
    func readsAnEndpoint(_ text: String, _ isSecure: Bool, _ authority: String) throws {
        let endpoint = try #require(S3Endpoint(text))
        #expect(endpoint.isSecure == isSecure)
        #expect(endpoint.authority == authority)
    }

    @Test(arguments: [
        "", "s3.example.org", "ftp://a", "https://", "https://a/b", "https://u:p@a", "https://a?b", "http://a b",
    ])
    func refusesOtherText(_ text: String) {
        #expect(S3Endpoint(text) == nil)
    }

    @Test func addressesInBothStyles() throws {
        var bucket = S3Bucket(endpoint: try #require(S3Endpoint("https://s3.example.org")), style: .path, name: "lfs")
        #expect(bucket.host == "s3.example.org")
        #expect(bucket.path(of: "a b/c") == "/lfs/a%20b/c")
        #expect(bucket.path(of: "") == "/lfs")
        bucket.style = .virtualHost
        #expect(bucket.host == "lfs.s3.example.org")
        #expect(bucket.path(of: "a b/c") == "/a%20b/c")
        #expect(bucket.path(of: "") == "/")
        #expect(bucket.url(path: "/a", query: "x=") == "https://lfs.s3.example.org/a?x=")
    }

    @Test func followsTheRegionInAName() throws {
        let endpoint = try #require(S3Endpoint("https://s3.us-east-1.amazonaws.com"))
        #expect(endpoint.moved(from: "us-east-1", to: "eu-west-1").authority == "s3.eu-west-1.amazonaws.com")
        let other = try #require(S3Endpoint("http://minio:9000"))
        #expect(other.moved(from: "us-east-1", to: "eu-west-1") == other)
    }
}
