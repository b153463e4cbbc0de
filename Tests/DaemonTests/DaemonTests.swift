import Testing

/// The daemon as it is run: each test has a process of its own, one after another.
@Suite("The daemon as a process", .serialized)
struct DaemonTests {}
