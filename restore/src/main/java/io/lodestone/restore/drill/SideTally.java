package io.lodestone.restore.drill;

import com.google.protobuf.ByteString;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.UserState;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a restore must keep beside the keyspace: leases with their granted TTLs, users, roles,
 * whether authentication is on. Equal where all of that is.
 */
final class SideTally {
  private final Map<Long, Long> leases = new HashMap<>();
  private final Map<ByteString, ByteString> users = new HashMap<>();
  private final Map<ByteString, ByteString> roles = new HashMap<>();
  private Optional<AuthState> auth = Optional.empty();

  void accept(StreamItem item) {
    if (item instanceof LeaseState lease) {
      leases.put(lease.id().value(), lease.grantedTtlSeconds());
    } else if (item instanceof LeaseGone gone) {
      leases.remove(gone.id().value());
    } else if (item instanceof UserState user) {
      users.put(user.user().getName(), user.user().toByteString());
    } else if (item instanceof RoleState role) {
      roles.put(role.role().getName(), role.role().toByteString());
    } else if (item instanceof AuthState state) {
      auth = Optional.of(state);
    } else if (item instanceof BaseStart) {
      leases.clear();
      users.clear();
      roles.clear();
      auth = Optional.empty();
    }
  }

  /** The same items, counted on their way into {@code sink}. */
  RevisionSink countingInto(RevisionSink sink) {
    return new RevisionSink() {
      @Override
      public void accept(StreamItem item) throws IOException, InterruptedException {
        SideTally.this.accept(item);
        sink.accept(item);
      }

      @Override
      public long commit() throws IOException, InterruptedException {
        return sink.commit();
      }

      @Override
      public void close() {}
    };
  }

  boolean isEqualTo(SideTally other) {
    return leases.equals(other.leases)
        && users.equals(other.users)
        && roles.equals(other.roles)
        && auth.equals(other.auth);
  }
}
