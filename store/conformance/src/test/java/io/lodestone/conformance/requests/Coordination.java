package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.v3lockpb.LockRequest;
import io.lodestone.api.v3lockpb.LockResponse;
import io.lodestone.api.v3lockpb.UnlockRequest;

/**
 * Locks and elections. Their keys end in the lease's id, which the server may choose; so hashes are
 * not compared here, and such a lease is revoked before its minute is over.
 */
final class Coordination implements Game {
  static final int LEASES = 4;

  private final Dice dice;
  private final Menu menu;

  Coordination(Dice dice) {
    this.dice = dice;
    Elections elections = new Elections(dice);
    this.menu =
        new Menu(dice)
            .add(4, this::lockAndUnlock)
            .add(2, this::lockOnOwnLease)
            .add(2, this::contend)
            .add(2, this::wrongLock)
            .add(1, this::everything)
            .add(4, elections::reign)
            .add(1, elections::reignOnOwnLease)
            .add(1, elections::succeed)
            .add(1, elections::observe)
            .add(2, elections::wrong);
  }

  @Override
  public void open(Duel duel) {
    for (int id = 1; id <= LEASES; id++) {
      duel.call("Lease/LeaseGrant", LeaseGrantRequest.newBuilder().setID(id).setTTL(9000).build());
    }
  }

  @Override
  public void turn(Duel duel) throws InterruptedException {
    menu.draw().play(duel);
  }

  private LockRequest lock(String name, long lease) {
    return LockRequest.newBuilder().setName(Vocabulary.utf8(name)).setLease(lease).build();
  }

  private void lockAndUnlock(Duel duel) {
    LockRequest request = lock(dice.pick("l", "m/n", ""), 1 + dice.below(LEASES));
    ByteString key = key(duel.call("Lock/Lock", request));
    if (dice.oneIn(3)) {
      // Whoever holds a lock gets it again at once.
      duel.call("Lock/Lock", request);
    }
    unlock(duel, key);
  }

  private void lockOnOwnLease(Duel duel) {
    ByteString key = key(duel.call("Lock/Lock", lock("own", 0)));
    if (dice.coin()) {
      unlock(duel, key);
    }
    String id = key.toStringUtf8().substring("own/".length());
    duel.call(
        "Lease/LeaseRevoke",
        LeaseRevokeRequest.newBuilder().setID(Long.parseUnsignedLong(id, 16)).build());
  }

  /** One holds, another waits; the holder goes, by unlocking or by losing its lease. */
  private void contend(Duel duel) throws InterruptedException {
    ByteString held = key(duel.call("Lock/Lock", lock("hot", 1)));
    Duel.Pending waiting = duel.begin(new Call("Lock/Lock", lock("hot", 2)));
    duel.awaitBoth(
        new Call("KV/Range", prefix("hot/", "hot0")),
        answer -> answer.message(RangeResponse.class).getCount() == 2);
    if (dice.coin()) {
      unlock(duel, held);
    } else {
      duel.call("Lease/LeaseRevoke", LeaseRevokeRequest.newBuilder().setID(1).build());
    }
    unlock(duel, key(waiting.finish()));
    open(duel);
  }

  private void wrongLock(Duel duel) {
    duel.call("Lock/Lock", lock("l", dice.pick(4711L, -1L)));
    unlock(duel, dice.pick(ByteString.EMPTY, Vocabulary.utf8("never locked")));
  }

  private void everything(Duel duel) {
    duel.call("KV/Range", prefix("\0", "\0"));
  }

  private void unlock(Duel duel, ByteString key) {
    duel.call("Lock/Unlock", UnlockRequest.newBuilder().setKey(key).build());
  }

  private static ByteString key(Answer answer) {
    return answer.message(LockResponse.class).getKey();
  }

  static RangeRequest prefix(String from, String to) {
    return RangeRequest.newBuilder()
        .setKey(Vocabulary.utf8(from))
        .setRangeEnd(Vocabulary.utf8(to))
        .build();
  }
}
