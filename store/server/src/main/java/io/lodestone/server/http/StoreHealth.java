package io.lodestone.server.http;

import io.lodestone.api.etcdserverpb.AlarmMember;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What health is judged by. Thread-safe; never blocks. */
public interface StoreHealth {
  List<AlarmMember> alarms();

  /** Whether nothing can be written for want of room. */
  boolean diskFull();

  /** Why a person is needed for something that etcd does not know of; empty where nobody is. */
  Optional<String> fault();

  boolean hasLeader();

  /** Whether this is a learner of a cluster. */
  boolean learns();

  /** Completes when a small read has succeeded. */
  CompletableFuture<?> read(boolean serializable);

  /** {@code /health} was asked, and this was the answer. */
  void checked(boolean healthy);
}
