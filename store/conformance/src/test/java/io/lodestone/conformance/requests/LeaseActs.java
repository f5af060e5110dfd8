package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantResponse;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseLeasesResponse;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.LeaseStatus;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns on the Lease service. Leases live for hours here, since nobody can say which of two servers
 * drops a short one first; one that is granted for seconds is revoked at once, or waited for.
 */
final class LeaseActs {
  private static final long SHORT_LIVED = 200;

  private final Vocabulary words;
  private final Dice dice;

  /** Symbols of leases whose ids the servers chose. */
  private final List<Long> chosenByServer = new ArrayList<>();

  LeaseActs(Vocabulary words) {
    this.words = words;
    this.dice = words.dice();
  }

  void grant(Duel duel) {
    duel.call("Lease/LeaseGrant", grant(someId(), 5000 + dice.below(5000)));
  }

  void grantWithoutId(Duel duel) {
    Answer answer = duel.call("Lease/LeaseGrant", grant(0, 5000));
    if (answer.ok()) {
      chosenByServer.add(answer.message(LeaseGrantResponse.class).getID());
    }
  }

  /** Times to live at and beyond the limits. */
  void grantWithOddTtl(Duel duel) {
    long ttl =
        dice.pick(0L, -1L, 1L, 9_000_000_000L, 9_000_000_001L, Long.MAX_VALUE, Long.MIN_VALUE);
    long id = 100L + dice.below(3);
    duel.call("Lease/LeaseGrant", grant(id, ttl));
    duel.call("Lease/LeaseTimeToLive", LeaseTimeToLiveRequest.newBuilder().setID(id).build());
    duel.call("Lease/LeaseRevoke", LeaseRevokeRequest.newBuilder().setID(id).build());
  }

  /** A lease with keys that nobody keeps alive: one revision of deletes, in both histories. */
  void expire(Duel duel) throws InterruptedException {
    duel.call("Lease/LeaseGrant", grant(SHORT_LIVED, 1));
    for (String key : new String[] {"gone/2", "gone/1", "gone/3"}) {
      duel.call(
          "KV/Put",
          PutRequest.newBuilder().setKey(Vocabulary.utf8(key)).setLease(SHORT_LIVED).build());
    }
    Call rest =
        new Call(
            "KV/Range",
            RangeRequest.newBuilder()
                .setKey(Vocabulary.utf8("gone/"))
                .setRangeEnd(Vocabulary.utf8("gone0"))
                .build());
    duel.awaitBoth(rest, answer -> answer.message(RangeResponse.class).getCount() == 0);
    duel.call(rest);
    duel.call(
        "Lease/LeaseTimeToLive", LeaseTimeToLiveRequest.newBuilder().setID(SHORT_LIVED).build());
  }

  void revoke(Duel duel) {
    long id = someId();
    chosenByServer.remove(id);
    duel.call("Lease/LeaseRevoke", LeaseRevokeRequest.newBuilder().setID(id).build());
  }

  void timeToLive(Duel duel) {
    duel.call(
        "Lease/LeaseTimeToLive",
        LeaseTimeToLiveRequest.newBuilder().setID(someId()).setKeys(dice.coin()).build());
  }

  void leases(Duel duel) {
    duel.call("Lease/LeaseLeases", LeaseLeasesRequest.getDefaultInstance());
  }

  /** Several keep-alives on one stream, some for leases that do not exist. */
  void keepAlive(Duel duel) throws InterruptedException {
    List<Message> requests = new ArrayList<>();
    for (int i = dice.below(4); i >= 0; i--) {
      requests.add(LeaseKeepAliveRequest.newBuilder().setID(someId()).build());
    }
    duel.converse("Lease/LeaseKeepAlive", "", requests);
  }

  /** Keeps every lease alive, so that its time begins anew on both sides. */
  void renewAll(Duel duel) throws InterruptedException {
    Answer all = duel.call("Lease/LeaseLeases", LeaseLeasesRequest.getDefaultInstance());
    List<Message> requests = new ArrayList<>();
    for (LeaseStatus lease : all.message(LeaseLeasesResponse.class).getLeasesList()) {
      requests.add(LeaseKeepAliveRequest.newBuilder().setID(lease.getID()).build());
    }
    if (!requests.isEmpty()) {
      duel.converse("Lease/LeaseKeepAlive", "", requests);
    }
  }

  private long someId() {
    if (!chosenByServer.isEmpty() && dice.oneIn(6)) {
      return dice.pick(chosenByServer);
    }
    return dice.oneIn(10) ? words.lease() * 1000 : 1 + dice.below(Vocabulary.LEASES);
  }

  private static LeaseGrantRequest grant(long id, long ttlSeconds) {
    return LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build();
  }
}
