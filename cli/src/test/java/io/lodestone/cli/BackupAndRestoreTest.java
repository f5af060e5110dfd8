package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The main promise, on stock etcd at both ends: what was captured while writers ran comes back
 * exactly, at any revision.
 */
@Tag("once")
final class BackupAndRestoreTest {
  private static final int WRITES = 3_000;
  private static final int RANDOM_REVISIONS = 20;
  private static final long HELD_LEASE = 0x10de5704eL;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"3.4,3.4", "3.4,3.5", "3.5,3.4", "3.5,3.5"})
  void everyCapturedRevisionComesBackExactly(String from, String to) throws Exception {
    String repository = "file:" + folder.resolve("repository");
    List<Sample> samples = capture(EtcdRelease.of(from), repository);
    Sample last = samples.get(samples.size() - 1);
    List<Sample> picked = new ArrayList<>(samples.subList(0, samples.size() - 1));
    Collections.shuffle(picked, new Random(42));

    restoreTheWholeCluster(EtcdRelease.of(to), repository, last);
    for (Sample sample : picked.subList(0, RANDOM_REVISIONS)) {
      restoreOneMember(EtcdRelease.of(to), repository, sample);
    }
  }

  /**
   * Backs up a cluster of three under writers; returns what it said of itself at many revisions,
   * the last one included.
   */
  private List<Sample> capture(EtcdRelease release, String repository) throws Exception {
    try (EtcdCluster source =
        EtcdCluster.of(release, folder.resolve("source")).members(3).start()) {
      prepareUsersAndALease(source);
      List<Sample> samples;
      try (RunningAgent agent =
              new RunningAgent(folder.resolve("agent.log"), source.endpoints(), repository);
          SourceSampler sampler = new SourceSampler(source.channel(0))) {
        agent.awaitDurable(1);
        try (Workload workload =
            Workload.start(
                7, 1, true, List.of(source.channel(0), source.channel(1), source.channel(2)))) {
          Awaitility.await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> workload.writes() >= WRITES);
        }
        samples = new ArrayList<>(sampler.stop());
        Sample last = settledSample(source);
        samples.removeIf(sample -> sample.revision() >= last.revision());
        samples.add(last);
        agent.awaitDurable(last.revision());
      }
      return notBeforeTheFirstBase(samples, repository);
    }
  }

  /** The same answer twice: no lease expired in between. */
  private static Sample settledSample(EtcdCluster source) {
    Sample sample = SourceSampler.sample(source.channel(0), 0);
    Sample again = SourceSampler.sample(source.channel(0), 0);
    return sample.equals(again) ? sample : settledSample(source);
  }

  /**
   * A state older than the first base is cut out of that base, and is compacted as the base is, not
   * as it was itself.
   */
  private static List<Sample> notBeforeTheFirstBase(List<Sample> samples, String repository)
      throws Exception {
    long first =
        Cli.report("backup", "describe", "--repository", repository)
            .path("bases")
            .get(0)
            .path("revision")
            .asLong();
    return samples.stream().filter(sample -> sample.revision() > first).toList();
  }

  private static void prepareUsersAndALease(EtcdCluster source) throws Exception {
    source.etcdctl("user", "add", "root:rootpw");
    source.etcdctl("user", "grant-role", "root", "root");
    source.etcdctl("role", "add", "reader");
    source.etcdctl("role", "grant-permission", "reader", "--prefix=true", "read", "key/");
    source.etcdctl("user", "add", "alice:secret");
    source.etcdctl("user", "grant-role", "alice", "reader");
    LeaseGrantRequest lease = LeaseGrantRequest.newBuilder().setID(HELD_LEASE).setTTL(3600).build();
    LeaseGrpc.newBlockingStub(source.channel(0)).leaseGrant(lease);
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("held"))
            .setLease(HELD_LEASE)
            .build();
    KVGrpc.newBlockingStub(source.channel(0)).put(put);
  }

  private void restoreTheWholeCluster(EtcdRelease release, String repository, Sample expected)
      throws Exception {
    Path target = folder.resolve("restored");
    EtcdCluster.Plan plan = EtcdCluster.of(release, target).members(3).token("restored");
    Cli.report(
        "restore",
        "--repository",
        repository,
        "--initial-cluster",
        initialCluster(plan.peerUrls()),
        "--initial-cluster-token",
        "restored",
        "--data-dir",
        target.toString(),
        "--to-revision",
        "" + expected.revision());
    try (EtcdCluster restored = plan.start()) {
      equaliseCompaction(restored, expected);
      for (int member = 0; member < 3; member++) {
        assertEqual(SourceSampler.sample(restored.channel(member), expected.revision()), expected);
      }
      leaseIsAlive(restored);
      clusterIsFitForUse(restored, expected.revision());
      usersLogIn(restored);
    }
  }

  private void restoreOneMember(EtcdRelease release, String repository, Sample expected)
      throws Exception {
    Path target = folder.resolve("at-" + expected.revision());
    String revision = Long.toString(expected.revision());
    try (Restored restored =
        Restored.start(release, target, "--repository", repository, "--to-revision", revision)) {
      equaliseCompaction(restored.cluster(), expected);
      assertEqual(
          SourceSampler.sample(restored.cluster().channel(0), expected.revision()), expected);
    }
  }

  /** HashKV can be compared only where both sides are compacted at the same revision. */
  private static void equaliseCompaction(EtcdCluster restored, Sample expected) {
    long compacted =
        SourceSampler.sample(restored.channel(0), expected.revision()).compactRevision();
    assertThat(compacted).isLessThanOrEqualTo(expected.compactRevision());
    if (compacted < expected.compactRevision()) {
      KVGrpc.newBlockingStub(restored.channel(0))
          .compact(
              CompactionRequest.newBuilder()
                  .setRevision(expected.compactRevision())
                  .setPhysical(true)
                  .build());
    }
  }

  private static void assertEqual(Sample actual, Sample expected) {
    assertThat(actual.keyValues()).isEqualTo(expected.keyValues());
    assertThat(actual).isEqualTo(expected);
  }

  private static void leaseIsAlive(EtcdCluster restored) {
    LeaseTimeToLiveRequest request =
        LeaseTimeToLiveRequest.newBuilder().setID(HELD_LEASE).setKeys(true).build();
    LeaseTimeToLiveResponse lease =
        LeaseGrpc.newBlockingStub(restored.channel(0)).leaseTimeToLive(request);
    assertThat(lease.getGrantedTTL()).isEqualTo(3600);
    assertThat(lease.getTTL()).isBetween(3000L, 3600L);
    assertThat(lease.getKeysList()).containsExactly(ByteString.copyFromUtf8("held"));
  }

  private static void clusterIsFitForUse(EtcdCluster restored, long revision) throws Exception {
    PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("key/after")).build();
    long written = KVGrpc.newBlockingStub(restored.channel(1)).put(put).getHeader().getRevision();
    assertThat(written).isGreaterThan(revision);
    restored.etcdctl("compact", Long.toString(written));
    for (String endpoint : restored.endpoints()) {
      Commands.run(
          List.of(restored.release().etcdctl().toString(), "--endpoints", endpoint, "defrag"));
    }
    addAMember(restored);
    assertThat(restored.etcdctl("member", "list").lines()).hasSize(4);
    assertThat(restored.etcdctl("get", "key/after", "--keys-only")).contains("key/after");
  }

  /** Which etcd refuses until its members have been connected for five seconds. */
  private static void addAMember(EtcdCluster restored) {
    String url = "http://127.0.0.1:" + FreePorts.take();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .until(() -> restored.etcdctl("member", "add", "m4", "--peer-urls", url).contains("added"));
  }

  private static void usersLogIn(EtcdCluster restored) throws Exception {
    restored.etcdctl("auth", "enable");
    assertThat(restored.etcdctl("--user", "alice:secret", "get", "key/after", "--keys-only"))
        .contains("key/after");
    restored.etcdctl("--user", "root:rootpw", "put", "key/by-root", "x");
  }

  private static String initialCluster(Map<String, String> peerUrls) {
    return peerUrls.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
