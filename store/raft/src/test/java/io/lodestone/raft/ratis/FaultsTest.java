package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.peers.Namespaces;
import io.lodestone.raft.RegisterHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Members as processes, killed, stopped and cut off while clients read and write one register
 * through all of them: everything acknowledged stays, nothing is applied twice, no read is stale.
 * With {@code -Dlodestone.raft.soak=SECONDS}, as root, five members in network namespaces, for that
 * long; {@code -Dlodestone.raft.seed} repeats a run's choices.
 */
class FaultsTest {
  private static final Logger LOG = LoggerFactory.getLogger(FaultsTest.class);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int CLIENTS_EACH = 2;

  /** Few commands, so that members that come back are far behind. */
  private static final long SNAPSHOT_COUNT = 200;

  @TempDir Path directory;

  private final long seed = Long.getLong("lodestone.raft.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final RegisterHistory history = new RegisterHistory();
  private final AtomicLong values = new AtomicLong();
  private final Map<Integer, RemoteMember> members = new TreeMap<>();
  private final List<String> addresses = new ArrayList<>();
  private Optional<Namespaces> namespaces = Optional.empty();
  private volatile boolean over;

  @Test
  void killedAndStoppedMembersLoseNothingAndServeNothingStale() throws Exception {
    int seconds = Integer.getInteger("lodestone.raft.soak", 0);
    LOG.warn("seed {}", seed);
    boolean passed = false;
    try {
      if (seconds > 0) {
        namespaces = Optional.of(new Namespaces(5));
        for (int id = 1; id <= 5; id++) {
          addresses.add(namespaces.get().host(id) + ":2380");
        }
      } else {
        TestCluster.freePorts(3).forEach(port -> addresses.add("127.0.0.1:" + port));
      }
      run(seconds);
      passed = true;
    } finally {
      over = true;
      if (!passed) {
        tellWhatMembersSaid();
      }
      members.values().forEach(RemoteMember::close);
      if (namespaces.isPresent()) {
        namespaces.get().close();
      }
    }
  }

  private void run(int seconds) throws Exception {
    for (int id = 1; id <= addresses.size(); id++) {
      members.put(id, start(id));
    }
    for (RemoteMember member : members.values()) {
      member.awaitStart();
    }
    ExecutorService clients = Executors.newCachedThreadPool();
    for (int id = 1; id <= addresses.size(); id++) {
      for (int i = 0; i < CLIENTS_EACH; i++) {
        int member = id;
        Random own = new Random(random.nextLong());
        clients.execute(() -> work(member, own));
      }
    }
    awaitProgress();
    if (seconds == 0) {
      killLeader();
      stopLeader();
    } else {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (System.nanoTime() < end) {
        fault();
      }
    }
    over = true;
    clients.shutdown();
    assertThat(clients.awaitTermination(90, TimeUnit.SECONDS)).as("no answer").isTrue();
    check();
  }

  private void tellWhatMembersSaid() throws IOException {
    for (Map.Entry<Integer, RemoteMember> member : members.entrySet()) {
      String said = Files.readString(directory.resolve(member.getKey() + ".err"));
      LOG.warn("member {}, {}, said: {}", member.getKey(), member.getValue(), said);
    }
  }

  private RemoteMember start(int id) throws IOException {
    Path home = Files.createDirectories(directory.resolve("member-" + id));
    List<String> within = namespaces.map(some -> some.within(id)).orElse(List.of());
    return new RemoteMember(within, id, home, SNAPSHOT_COUNT, addresses);
  }

  private void work(int id, Random own) {
    while (!over) {
      RemoteMember member = members(id);
      boolean write = own.nextInt(3) == 0;
      String value = "v" + values.incrementAndGet();
      long began = System.nanoTime();
      try {
        String answer = ask(member, write, value);
        long ended = System.nanoTime();
        if (write) {
          history.wrote(value, began, ended);
        } else {
          history.read(answer, began, ended);
        }
      } catch (CompletionException e) {
        if (write) {
          history.perhapsWrote(value, began);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }
  }

  /** Whoever is stopped answers later, but everybody answers. */
  private static String ask(RemoteMember member, boolean write, String value) {
    CompletableFuture<String> answer =
        write ? member.tell("write", "r=" + value) : member.tell("read", "r");
    return answer.join();
  }

  private RemoteMember members(int id) {
    synchronized (members) {
      return members.get(id);
    }
  }

  private void awaitProgress() {
    long answered = history.answered();
    await().atMost(PATIENCE).until(() -> history.answered() > answered + 200);
  }

  private int leader() {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> {
              for (int id = 1; id <= addresses.size(); id++) {
                if (leads(id)) {
                  return id;
                }
              }
              return 0;
            },
            id -> id != 0);
  }

  private boolean leads(int id) {
    try {
      return members(id).tell("leads", "").orTimeout(2, TimeUnit.SECONDS).join().equals("true");
    } catch (CompletionException e) {
      return false;
    }
  }

  private void killLeader() throws IOException {
    kill(leader());
  }

  private void kill(int id) throws IOException {
    members(id).close();
    awaitProgress();
    RemoteMember again = start(id);
    synchronized (members) {
      members.put(id, again);
    }
    again.awaitStart();
  }

  /** It wakes up as one who believes to lead still. */
  private void stopLeader() throws Exception {
    int id = leader();
    members(id).signal("STOP");
    await().atMost(PATIENCE).until(() -> otherLeads(id));
    awaitProgress();
    members(id).signal("CONT");
    awaitProgress();
  }

  private boolean otherLeads(int id) {
    for (int other = 1; other <= addresses.size(); other++) {
      if (other != id && leads(other)) {
        return true;
      }
    }
    return false;
  }

  private void fault() throws Exception {
    int kind = random.nextInt(4);
    int victim = random.nextBoolean() ? leader() : 1 + random.nextInt(addresses.size());
    LOG.info("fault {} at {}, after {} operations", kind, victim, history.size());
    switch (kind) {
      case 0 -> kill(victim);
      case 1 -> stopLeader();
      case 2 -> cut(List.of(victim));
      default -> cut(List.of(victim, 1 + victim % addresses.size()));
    }
    awaitProgress();
  }

  private void cut(List<Integer> ids) throws Exception {
    for (int id : ids) {
      namespaces.orElseThrow().cut(id);
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(6000));
    await().atMost(PATIENCE).until(() -> System.nanoTime() > until);
    for (int id : ids) {
      namespaces.orElseThrow().mend(id);
    }
  }

  private void check() {
    List<String> order =
        await()
            .atMost(PATIENCE)
            .ignoreException(CompletionException.class)
            .until(() -> order(leader()), some -> !some.isEmpty());
    history.check(order);
    String expected = members(leader()).tell("fingerprint", "").join();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              for (int id = 1; id <= addresses.size(); id++) {
                assertThat(members(id).tell("fingerprint", "").join()).isEqualTo(expected);
              }
            });
    LOG.warn("{} operations, {} answered", history.size(), history.answered());
  }

  private List<String> order(int id) {
    String all = members(id).tell("history", "r").join();
    return all.isEmpty() ? List.of() : List.of(all.split(","));
  }
}
