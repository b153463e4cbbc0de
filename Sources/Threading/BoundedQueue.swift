import Synchronization

/// What a full queue does with one element more.
public enum OverflowPolicy: String, Sendable, Codable {
    /// The element that waits longest is dropped: the newest matters most.
    case dropOldest
    /// The new element is dropped: what waits already must stay in order without gaps.
    case dropNewest
}

/// How much a queue has seen.
public struct QueueCounters: Sendable, Equatable, Codable {
    /// Elements that were offered.
    public var offered = 0
    /// Elements that were dropped because the queue was full.
    public var dropped = 0
    /// Elements that wait now.
    public var waiting = 0
    /// The most elements that ever waited.
    public var highWater = 0

    /// Nothing has come.
    public init() {}
}

/// A queue of limited length between two tasks; to put something in never waits.
///
/// One task takes elements out. An element may have a *weight*, such as bytes, so that the limit is one of memory. One of
/// weight 0 is never dropped for another: such are few and small, and only ``lightLimit`` of them wait.
public final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element?] = []
        var head = 0
        var weight = 0
        /// Elements of weight 0.
        var light = 0
        var isFinished = false
        var counters = QueueCounters()
        var waiting: CheckedContinuation<Void, Never>?

        /// Whether there is no room for one element more; one alone always has.
        func isFull(_ elementWeight: Int, _ capacity: Int) -> Bool {
            weight > 0 && weight + elementWeight > capacity
        }

        /// Takes out the oldest elements that weigh something, until another fits.
        mutating func makeRoom(_ elementWeight: Int, _ capacity: Int, _ weigh: (Element) -> Int) -> [Element] {
            var dropped: [Element] = []
            var place = head
            while isFull(elementWeight, capacity), place < elements.count {
                if let element = elements[place], weigh(element) > 0 {
                    elements.remove(at: place)
                    weight -= weigh(element)
                    counters.waiting -= 1
                    dropped.append(element)
                } else {
                    place += 1
                }
            }
            return dropped
        }

        mutating func push(_ element: Element, _ elementWeight: Int) {
            elements.append(element)
            weight += elementWeight
            if elementWeight == 0 { light += 1 }
            counters.waiting += 1
            counters.highWater = max(counters.highWater, counters.waiting)
        }

        mutating func pop(_ weigh: (Element) -> Int) -> Element? {
            guard head < elements.count, let element = elements[head] else { return nil }
            elements[head] = nil
            head += 1
            // The front is given back once it is the larger part.
            if head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
            let elementWeight = weigh(element)
            weight -= elementWeight
            if elementWeight == 0 { light -= 1 }
            counters.waiting -= 1
            return element
        }
    }

    /// The most elements of weight 0 that wait; a peer that floods us with them loses the newest.
    public static var lightLimit: Int { 10_000 }

    /// What logs call it.
    public let name: String
    /// The most elements, or the greatest weight, that wait.
    public let capacity: Int
    /// What happens when it is full.
    public let policy: OverflowPolicy
    private let weigh: @Sendable (Element) -> Int
    private let state = Mutex(State())

    /// Makes an empty queue.
    ///
    /// - Parameters:
    ///   - name: What logs call it.
    ///   - capacity: The most elements, or the greatest weight, that wait; an element alone always fits.
    ///   - policy: What happens when it is full.
    ///   - weight: What an element counts for; by default 1.
    public init(
        name: String,
        capacity: Int,
        policy: OverflowPolicy,
        weight: @escaping @Sendable (Element) -> Int = { _ in 1 }
    ) {
        (self.name, self.capacity, self.policy, weigh) = (name, capacity, policy, weight)
    }

    /// What it has seen so far.
    public var counters: QueueCounters { state.withLock { $0.counters } }

    /// Puts an element in; returns those that were dropped for it, or itself.
    ///
    /// After ``finish()`` everything is dropped.
    @discardableResult
    public func offer(_ element: Element) -> [Element] {
        let (dropped, waiting) = state.withLock { state in
            state.counters.offered += 1
            var dropped: [Element] = []
            let weight = weigh(element)
            if state.isFinished {
                dropped = [element]
            } else {
                let isTooMany =
                    weight == 0
                    ? state.light >= Self.lightLimit : policy == .dropNewest && state.isFull(weight, capacity)
                if isTooMany {
                    dropped = [element]
                } else {
                    if weight > 0 { dropped = state.makeRoom(weight, capacity, weigh) }
                    state.push(element, weight)
                }
            }
            state.counters.dropped += dropped.count
            defer { state.waiting = nil }
            return (dropped, state.waiting)
        }
        waiting?.resume()
        return dropped
    }

    /// Lets the reader come to an end once it has taken what is there.
    public func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// The next element, as soon as there is one; nil after ``finish()``, or if the task was cancelled.
    public func next() async -> Element? {
        while true {
            if Task.isCancelled { return nil }
            let (element, isFinished) = state.withLock { ($0.pop(weigh), $0.isFinished) }
            if element != nil || isFinished { return element }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if state.counters.waiting > 0 || state.isFinished || Task.isCancelled { return true }
                        precondition(state.waiting == nil, "a bounded queue has one reader")
                        state.waiting = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                let waiting = state.withLock { state in
                    defer { state.waiting = nil }
                    return state.waiting
                }
                waiting?.resume()
            }
        }
    }

    /// Takes out what waits, without waiting for more.
    public func drain() -> [Element] {
        state.withLock { state in
            var elements: [Element] = []
            while let element = state.pop(weigh) { elements.append(element) }
            return elements
        }
    }
}
