/// The latest messages of a publisher, by number, as many as the limits allow.
struct MessageRing: Sendable {
    private let capacity: (messages: Int, bytes: Int)
    private var messages: [(sequence: UInt64, parts: [[UInt8]], bytes: Int)] = []
    private var head = 0
    private var bytes = 0

    init(capacity: (messages: Int, bytes: Int)) { self.capacity = capacity }

    /// The lowest number that is there.
    var oldest: UInt64? { head < messages.count ? messages[head].sequence : nil }

    /// Keeps a message, whose number is above all others.
    mutating func append(_ sequence: UInt64, _ parts: [[UInt8]]) {
        let size = parts.reduce(0) { $0 + $1.count }
        messages.append((sequence, parts, size))
        bytes += size
        while messages.count - head > capacity.messages || bytes > capacity.bytes, head < messages.count {
            bytes -= messages[head].bytes
            messages[head].parts = []
            head += 1
        }
        // The front is given back once it is the larger part.
        if head * 2 > messages.count {
            messages.removeFirst(head)
            head = 0
        }
    }

    subscript(sequence: UInt64) -> [[UInt8]]? {
        let place = firstPlace(sequence)
        return place < messages.count && messages[place].sequence == sequence ? messages[place].parts : nil
    }

    /// The messages with numbers in a range, at most so many and so large, but at least one; and the last number that
    /// this is the answer for.
    func messages(
        _ range: ClosedRange<UInt64>,
        most: Int,
        mostBytes: Int
    ) -> (messages: [[[UInt8]]], through: UInt64) {
        var found: [[[UInt8]]] = []
        var size = 0
        for message in messages[firstPlace(range.lowerBound)...] where message.sequence <= range.upperBound {
            if !found.isEmpty, found.count >= most || size + message.bytes > mostBytes {
                return (found, message.sequence - 1)
            }
            found.append(message.parts)
            size += message.bytes
        }
        return (found, range.upperBound)
    }

    /// The place of the first message with at least this number.
    private func firstPlace(_ sequence: UInt64) -> Int {
        var (low, high) = (head, messages.count)
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
