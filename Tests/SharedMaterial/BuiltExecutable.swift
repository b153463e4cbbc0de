import Foundation

/// A program that was built together with the tests.
public enum BuiltExecutable {
    /// Where the build left a program, beside the tests.
    public static func named(_ name: String) -> URL? {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        // The tests run inside a tool of the toolchain, which is told where they are.
        let starts = [tests] + CommandLine.arguments.filter { $0.contains(".xctest") }.map(URL.init(fileURLWithPath:))
        for start in starts {
            var folder = start.deletingLastPathComponent()
            for _ in 0..<5 {
                let candidate = folder.appendingPathComponent(name)
                if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }
}
