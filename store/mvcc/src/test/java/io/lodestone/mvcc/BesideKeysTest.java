package io.lodestone.mvcc;

import static io.lodestone.mvcc.Requests.compact;
import static io.lodestone.mvcc.Requests.delete;
import static io.lodestone.mvcc.Requests.grant;
import static io.lodestone.mvcc.Requests.op;
import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.request;
import static io.lodestone.mvcc.Requests.revoke;
import static io.lodestone.mvcc.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseCheckpoint;
import io.lodestone.api.etcdserverpb.LeaseCheckpointRequest;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.api.etcdserverpb.RequestHeader;
import io.lodestone.mvcc.Leases.LeaseStatus;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.members.MemberChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases, alarms, users and members, through apply and across restarts. */
final class BesideKeysTest {
  private static final LeaseId SEVEN = new LeaseId(7);

  @TempDir Path directory;
  private TestEngine store;

  @BeforeEach
  void open() throws Exception {
    store = new TestEngine(directory);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void pass(long seconds) {
    store.nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private Leases leases() {
    return store.engine().leases();
  }

  @Test
  void leasesExpireOnTheLeaderUnlessTheyAreRenewed() throws Exception {
    leases().promote(Duration.ZERO);
    store.applyAll(List.of(grant(7, 10), grant(8, 10), grant(9, 1)));
    assertThat(leases().status(new LeaseId(9), false).orElseThrow().grantedTtlSeconds())
        .isEqualTo(2);
    pass(9);
    assertThat(leases().renew(SEVEN)).contains(10L);
    assertThat(leases().expired()).containsExactly(new LeaseId(9));
    pass(2);
    assertThat(leases().expired()).containsExactly(new LeaseId(8));
    assertThat(leases().list()).endsWith(SEVEN);
    pass(3);
    assertThat(leases().expired()).containsExactlyInAnyOrder(new LeaseId(9), new LeaseId(8));
    store.applyAll(List.of(revoke(8), revoke(9)));
    assertThat(leases().list()).containsExactly(SEVEN);
    leases().demote();
    pass(100);
    assertThat(leases().expired()).isEmpty();
  }

  @Test
  void aRestartGivesBackTheCheckpointedRemainderOrTheWholeTtl() throws Exception {
    leases().promote(Duration.ZERO);
    store.applyAll(List.of(grant(7, 100), grant(8, 100), request(put("a", "1").setLease(7))));
    store.apply(
        InternalRaftRequest.newBuilder()
            .setLeaseCheckpoint(
                LeaseCheckpointRequest.newBuilder()
                    .addCheckpoints(LeaseCheckpoint.newBuilder().setID(7).setRemainingTTL(30)))
            .build());
    store.restart();
    leases().promote(Duration.ofSeconds(1));
    assertThat(leases().status(SEVEN, true))
        .contains(new LeaseStatus(SEVEN, 100, 31, List.of(Requests.bytes("a"))));
    assertThat(leases().status(new LeaseId(8), true))
        .contains(new LeaseStatus(new LeaseId(8), 100, 101, List.of()));
  }

  @Test
  void grantsAreRefusedAsEtcdRefusesThem() throws Exception {
    store.apply(grant(7, 10));
    assertThat(store.refusal(grant(0, 10))).isEqualTo(ErrorCode.LEASE_NOT_FOUND);
    assertThat(store.refusal(grant(7, 10))).isEqualTo(ErrorCode.LEASE_EXISTS);
    assertThat(store.refusal(grant(8, 9_000_000_001L))).isEqualTo(ErrorCode.LEASE_TTL_TOO_LARGE);
    assertThat(store.refusal(revoke(8))).isEqualTo(ErrorCode.LEASE_NOT_FOUND);
  }

  @Test
  void aKeyBelongsToTheLeaseOfItsLastPut() throws Exception {
    store.applyAll(
        List.of(
            grant(7, 10),
            grant(8, 10),
            request(put("a", "1").setLease(7)),
            request(put("b", "1").setLease(7)),
            request(put("c", "1").setLease(7)),
            request(put("a", "2").setLease(8)),
            request(delete("b")),
            request(put("c", "2").setIgnoreLease(true))));
    assertThat(leases().status(SEVEN, true).orElseThrow().keys())
        .containsExactly(Requests.bytes("c"));
    assertThat(leases().status(new LeaseId(8), true).orElseThrow().keys())
        .containsExactly(Requests.bytes("a"));
  }

  private static InternalRaftRequest alarm(AlarmAction action, AlarmType type) {
    return InternalRaftRequest.newBuilder()
        .setAlarm(AlarmRequest.newBuilder().setAction(action).setMemberID(3).setAlarm(type))
        .build();
  }

  @Test
  void underNoSpaceNothingMayGrow() throws Exception {
    store.applyAll(List.of(request(put("a", "1")), grant(7, 10)));
    store.apply(alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE));
    store.restart();
    assertThat(store.engine().alarms().raised())
        .containsExactly(
            AlarmMember.newBuilder().setMemberID(3).setAlarm(AlarmType.NOSPACE).build());
    assertThat(store.refusal(request(put("a", "2")))).isEqualTo(ErrorCode.NO_SPACE);
    assertThat(store.refusal(grant(8, 10))).isEqualTo(ErrorCode.NO_SPACE);
    assertThat(store.refusal(request(txn(op(put("a", "2")))))).isEqualTo(ErrorCode.NO_SPACE);
    assertThat(store.apply(request(txn(op(delete("a"))))).refusal()).isEmpty();
    assertThat(store.apply(compact(2)).refusal()).isEmpty();
    assertThat(store.apply(revoke(7)).refusal()).isEmpty();
    store.apply(alarm(AlarmAction.DEACTIVATE, AlarmType.NOSPACE));
    assertThat(store.apply(request(put("a", "2"))).refusal()).isEmpty();
  }

  @Test
  void underCorruptTheKeyspaceIsNotTouched() throws Exception {
    store.apply(alarm(AlarmAction.ACTIVATE, AlarmType.CORRUPT));
    for (InternalRaftRequest request :
        List.of(
            request(put("a", "1")),
            request(delete("a")),
            request(txn()),
            compact(1),
            grant(7, 10),
            revoke(7))) {
      assertThat(store.refusal(request)).isEqualTo(ErrorCode.CORRUPT);
    }
  }

  @Test
  void theRequestThatMeetsTheQuotaIsAppliedAndAsksForTheAlarm() throws Exception {
    store.close();
    EngineOptions small = new EngineOptions(Duration.ofSeconds(2), 5, 100_000, 4, 64 << 20);
    store = new TestEngine(directory, small);
    String value = "x".repeat(1000);
    Applied applied = store.apply(request(put("k0", value)));
    int puts = 1;
    while (applied.refusal().isEmpty()) {
      applied = store.apply(request(put("k" + puts++, value)));
    }
    assertThat(applied.refusal().orElseThrow().code()).isEqualTo(ErrorCode.NO_SPACE);
    assertThat(store.revision()).isEqualTo(1 + puts);
    InternalRaftRequest alarm = store.engine().alarmAfter(applied).orElseThrow();
    assertThat(alarm.getAlarm().getMemberID()).isEqualTo(5);
    store.apply(alarm);
    assertThat(store.engine().alarms().noSpace()).isTrue();
    assertThat(store.engine().alarmAfter(applied)).isEmpty();
  }

  @Test
  void usersComeBackAfterARestartAndTheirPermissionsCountAtApply() throws Exception {
    RequestHeader.Builder root = RequestHeader.newBuilder().setUsername("root");
    store.apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserAdd(
                AuthUserAddRequest.newBuilder().setName("root").setHashedPassword("aGFzaA=="))
            .build());
    store.apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserAdd(
                AuthUserAddRequest.newBuilder().setName("eve").setHashedPassword("aGFzaA=="))
            .build());
    store.apply(
        InternalRaftRequest.newBuilder()
            .setAuthRoleAdd(AuthRoleAddRequest.newBuilder().setName("root"))
            .build());
    store.apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserGrantRole(
                AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root"))
            .build());
    store.apply(
        InternalRaftRequest.newBuilder()
            .setAuthEnable(AuthEnableRequest.getDefaultInstance())
            .build());
    store.restart();
    assertThat(store.engine().auth().view().enabled()).isTrue();
    long revision = store.engine().auth().view().revision();
    InternalRaftRequest write = request(put("a", "1"));
    RequestHeader.Builder eve =
        RequestHeader.newBuilder().setUsername("eve").setAuthRevision(revision);
    assertThat(store.refusal(write)).isEqualTo(ErrorCode.USER_EMPTY);
    assertThat(store.refusal(write.toBuilder().setHeader(eve).build()))
        .isEqualTo(ErrorCode.PERMISSION_DENIED);
    root.setAuthRevision(revision);
    assertThat(store.apply(write.toBuilder().setHeader(root).build()).refusal()).isEmpty();
  }

  @Test
  void membersAndTheClustersVersionComeBackAfterARestart() throws Exception {
    Member first = Member.newBuilder().setID(-3).addPeerURLs("http://a:2380").build();
    Member second = Member.newBuilder().setID(4).setIsLearner(true).build();
    store
        .engine()
        .changeMembers(
            1,
            2,
            List.of(
                new MemberChange.Present(first),
                new MemberChange.Present(second),
                new MemberChange.Removed(4)),
            Durability.SYNCED);
    store.apply(v2("/0/version", "3.5.0"));
    store.apply(
        v2(
            "/0/members/fffffffffffffffd/attributes",
            "{\"name\":\"m1\",\"clientURLs\":[\"http://a:2379\"]}"));
    store.restart();
    assertThat(store.engine().members().all())
        .containsExactly(first.toBuilder().setName("m1").addClientURLs("http://a:2379").build());
    assertThat(store.engine().members().removed()).containsExactly(4L);
    assertThat(store.engine().members().clusterVersion()).contains("3.5.0");
    assertThat(store.engine().appliedIndex()).isEqualTo(3);
  }

  private static InternalRaftRequest v2(String path, String value) {
    return InternalRaftRequest.newBuilder()
        .setV2(Request.newBuilder().setMethod("PUT").setPath(path).setVal(value))
        .build();
  }
}
