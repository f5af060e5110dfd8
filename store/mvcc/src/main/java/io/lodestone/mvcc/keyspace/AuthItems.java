package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.auth.AuthRows.Bucket;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.UserState;
import java.nio.ByteBuffer;

/** What a stream tells of users and roles, as rows of etcd's buckets. */
public final class AuthItems {
  private static final ByteString ENABLED = ByteString.copyFromUtf8("authEnabled");
  private static final ByteString REVISION = ByteString.copyFromUtf8("authRevision");

  private AuthItems() {}

  /** Takes rows. */
  @FunctionalInterface
  public interface Rows {
    void put(Bucket bucket, ByteString key, ByteString value);
  }

  /** Whether the item is of users, roles, or of authentication as a whole. */
  public static boolean isOne(StreamItem item) {
    return item instanceof AuthState || item instanceof UserState || item instanceof RoleState;
  }

  /** Writes such an item; others are passed over. */
  public static void write(StreamItem item, Rows rows) {
    if (item instanceof AuthState auth) {
      ByteString enabled = ByteString.copyFrom(new byte[] {(byte) (auth.enabled() ? 1 : 0)});
      rows.put(Bucket.AUTH, ENABLED, enabled);
      ByteBuffer revision = ByteBuffer.allocate(Long.BYTES).putLong(auth.authRevision()).flip();
      rows.put(Bucket.AUTH, REVISION, ByteString.copyFrom(revision));
    } else if (item instanceof UserState user) {
      rows.put(Bucket.USERS, user.user().getName(), user.user().toByteString());
    } else if (item instanceof RoleState role) {
      rows.put(Bucket.ROLES, role.role().getName(), role.role().toByteString());
    }
  }
}
