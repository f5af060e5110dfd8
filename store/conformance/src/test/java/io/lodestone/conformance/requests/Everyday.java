package io.lodestone.conformance.requests;

import java.nio.file.Path;
import java.util.function.Function;

/**
 * KV, Lease, Watch, Cluster and Maintenance without auth. Leases attached to keys have ids chosen
 * by the client, so hashes and snapshots are equal to the bit.
 */
final class Everyday implements Game {
  private static final int DRAIN_EVERY = 150;

  private final Menu menu;
  private final WatchActs watches;
  private final KvActs kv;
  private final LeaseActs leases;
  private int turns;

  Everyday(Dice dice, Path folder) {
    this(dice, folder, TxnRequests::new);
  }

  Everyday(Dice dice, Path folder, Function<Vocabulary, TxnRequests> txns) {
    Vocabulary words = new Vocabulary(dice);
    this.kv = new KvActs(words, txns.apply(words));
    this.watches = new WatchActs(words);
    this.leases = new LeaseActs(words);
    MaintenanceActs maintenance = new MaintenanceActs(words, underAlarm(dice));
    ClusterActs cluster = new ClusterActs(words);
    SnapshotActs snapshots = new SnapshotActs(folder);
    this.menu =
        new Menu(dice)
            .add(3000, kv::put)
            .add(900, kv::delete)
            .add(1800, kv::txn)
            .add(900, kv::ranges)
            .add(100, this::compact)
            .add(15, kv::oversized)
            .add(20, kv::clear)
            .add(500, leases::grant)
            .add(40, leases::grantWithoutId)
            .add(80, leases::grantWithOddTtl)
            .add(200, leases::revoke)
            .add(250, leases::timeToLive)
            .add(80, leases::leases)
            .add(100, leases::keepAlive)
            .add(180, watches::create)
            .add(60, watches::cancel)
            .add(15, watches::belowCompaction)
            .add(20, watches::malformed)
            .add(60, maintenance::status)
            .add(10, maintenance::hash)
            .add(300, maintenance::hashKv)
            .add(4, maintenance::defragment)
            .add(30, maintenance::moveLeader)
            .add(40, maintenance::downgrade)
            .add(40, maintenance::alarms)
            .add(25, maintenance::alarmed)
            .add(6, snapshots::compare)
            .add(2, leases::expire)
            .add(2, watches::fragments)
            .add(60, cluster::list)
            .add(20, cluster::add)
            .add(20, cluster::remove)
            .add(20, cluster::update)
            .add(20, cluster::promote);
  }

  private Menu underAlarm(Dice dice) {
    return new Menu(dice)
        .add(3, kv::put)
        .add(2, kv::delete)
        .add(3, kv::txn)
        .add(1, kv::ranges)
        .add(1, this::compact)
        .add(1, leases::grant)
        .add(1, leases::revoke)
        .add(1, leases::keepAlive);
  }

  private void compact(Duel duel) throws InterruptedException {
    watches.drain(duel);
    kv.compact(duel);
  }

  /** What was answered before a crash is there after it. */
  void crash(Duel duel) throws InterruptedException {
    watches.retireAll();
    duel.killAndRestart();
    kv.everything(duel);
    leases.renewAll(duel);
  }

  @Override
  public void turn(Duel duel) throws InterruptedException {
    menu.draw().play(duel);
    if (++turns % DRAIN_EVERY == 0) {
      watches.drain(duel);
    }
  }

  @Override
  public void finish(Duel duel) throws InterruptedException {
    watches.retireAll();
  }
}
