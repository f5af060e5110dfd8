package io.lodestone.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What clients of one register saw, and whether there is an order of it all that explains it: every
 * write has a value of its own, and the state tells afterwards in which order they came. Then a
 * history is linearizable exactly if no operation that began after another's end comes before it in
 * that order, and every value was read only after its write had begun. Thread-safe.
 */
public final class RegisterHistory {
  private record Operation(
      boolean write, boolean answered, String value, long beganNanos, long endedNanos) {}

  private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();
  private final AtomicLong answered = new AtomicLong();

  public void wrote(String value, long beganNanos, long endedNanos) {
    operations.add(new Operation(true, true, value, beganNanos, endedNanos));
    answered.incrementAndGet();
  }

  /** A write of which nobody knows whether it was done. */
  public void perhapsWrote(String value, long beganNanos) {
    operations.add(new Operation(true, false, value, beganNanos, Long.MAX_VALUE));
  }

  public void read(String value, long beganNanos, long endedNanos) {
    operations.add(new Operation(false, true, value, beganNanos, endedNanos));
    answered.incrementAndGet();
  }

  public int size() {
    return operations.size();
  }

  public long answered() {
    return answered.get();
  }

  /** {@code order} is every value that the register had, from the first on. */
  public void check(List<String> order) {
    assertThat(new HashSet<>(order)).as("values applied twice").hasSameSizeAs(order);
    Map<String, Integer> places = new HashMap<>(Map.of("", 0));
    for (String value : order) {
      places.put(value, places.size());
    }
    List<Operation> began = new ArrayList<>(operations);
    began.removeIf(operation -> !operation.answered());
    assertThat(places.keySet()).as("acknowledged and lost").containsAll(values(began));
    checkCauses(places);
    began.sort((one, other) -> Long.compare(one.beganNanos(), other.beganNanos()));
    List<Operation> ended = new ArrayList<>(began);
    ended.sort((one, other) -> Long.compare(one.endedNanos(), other.endedNanos()));
    int done = 0;
    int newest = 0;
    for (Operation operation : began) {
      while (done < ended.size() && ended.get(done).endedNanos() < operation.beganNanos()) {
        newest = Math.max(newest, places.get(ended.get(done).value()));
        done++;
      }
      int place = places.get(operation.value());
      assertThat(place)
          .as("%s saw less than %s, which was known before", operation, newest)
          .isGreaterThanOrEqualTo(operation.write() ? newest + 1 : newest);
    }
  }

  private static List<String> values(List<Operation> operations) {
    return operations.stream().map(Operation::value).toList();
  }

  private void checkCauses(Map<String, Integer> places) {
    Map<String, Long> written = new HashMap<>(Map.of("", Long.MIN_VALUE));
    for (Operation operation : operations) {
      if (operation.write()) {
        written.put(operation.value(), operation.beganNanos());
      }
    }
    assertThat(written.keySet()).as("nobody wrote").containsAll(places.keySet());
    for (Operation operation : operations) {
      if (!operation.write()) {
        assertThat(written.get(operation.value()))
            .as("%s was read before it was written", operation)
            .isLessThanOrEqualTo(operation.endedNanos());
      }
    }
  }
}
