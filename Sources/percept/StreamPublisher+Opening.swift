import Streaming

extension StreamPublisher {
    /// Binds a publisher, says where, and waits for a subscriber.
    /// - Parameters:
    ///   - name: who publishes, for log lines.
    ///   - patience: seconds to wait for a subscriber; nil does not wait.
    /// - Throws: ``CommandFailure`` if nobody subscribes in that time, and what binding throws.
    static func opened(
        _ settings: PublisherSettings,
        name: String,
        security: SocketSecurity,
        patience: Double?
    ) async throws -> StreamPublisher {
        let publisher = try await StreamPublisher(
            settings,
            name: name,
            security: security,
            onFault: { StandardError.write("percept: \($0.subject): \($0.detail)\n") }
        )
        StandardError.write("percept: publishing at \(publisher.address), repeating at \(publisher.resendAddress)\n")
        if let patience, await !publisher.waitForSubscriber(timeout: .seconds(patience)) {
            await publisher.close()
            throw CommandFailure(.unavailable, "\(publisher.address): nobody subscribed in \(patience) s")
        }
        return publisher
    }
}
