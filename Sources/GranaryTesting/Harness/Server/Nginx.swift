import Foundation

/// An nginx in front of a server, on a port of its own.
package struct Nginx: Sendable {
    private let files: TemporaryDirectory
    private let process: ChildProcess
    /// Scheme, host and port.
    package let base: String

    /// Whether there is one.
    package static func isInstalled() async -> Bool {
        var command = Command("sh", ["-c", "command -v nginx"])
        command.environment["PATH"] = searchPath
        return (try? await command.run())?.succeeded ?? false
    }

    /// Debian keeps it where only root looks.
    private static let searchPath = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin"

    /// Starts one that passes requests on, and serves the directory of large files at an internal location.
    package static func start(before server: GranaryServer, location: String) async throws -> Nginx {
        let files = try TemporaryDirectory("nginx")
        let port = try RawConnection.freePort()
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(files.path($0));"
        }
        let configuration = """
            daemon off; master_process off; pid \(files.path("pid")); error_log \(files.path("log"));
            events {}
            http {
                access_log off; \(temporary.joined(separator: " "))
                server {
                    listen 127.0.0.1:\(port);
                    client_max_body_size 0;
                    location / {
                        proxy_pass \(server.base); proxy_http_version 1.1; proxy_set_header Host $http_host;
                        proxy_request_buffering off; proxy_buffering off;
                    }
                    location \(location)/ { internal; alias \(server.dataDirectory)/objects/objects/; }
                }
            }

            """
        try files.write("nginx.conf", configuration)
        var command = Command("nginx", ["-p", files.path, "-c", files.path("nginx.conf")])
        command.environment["PATH"] = searchPath
        command.directory = files.path
        let process = try command.start(in: files)
        let nginx = Nginx(files: files, process: process, base: "http://127.0.0.1:\(port)")
        let curl = Curl(base: nginx.base)
        for _ in 0..<200 {
            if let answer = try? await curl("GET", "/healthz"), answer.status == 200 { return nginx }
            try await Task.sleep(for: .milliseconds(25))
        }
        await process.kill()
        throw LaunchError(executable: "nginx", code: ETIMEDOUT)
    }

    /// Stops it.
    package func stop() async { await process.kill() }
}
