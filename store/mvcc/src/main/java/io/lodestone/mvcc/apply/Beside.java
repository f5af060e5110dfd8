package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.auth.AuthStore;
import io.lodestone.mvcc.keyspace.AuthKeys;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.members.MemberTable;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;

/** What an engine keeps in memory beside the keyspace, which is read when it opens: never keys. */
public record Beside(LeaseTable leases, AlarmTable alarms, AuthStore auth, MemberTable members) {

  /** Reads what is stored into tables that are still empty. */
  public void load(Rows rows) {
    leases.load(rows);
    try (Cursor cursor = rows.from(Family.ALARM, ByteString.EMPTY)) {
      while (cursor.next()) {
        alarms.add(AlarmMember.parseFrom(cursor.key()));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptDataException(
          "a stored alarm cannot be read",
          "check the disk; restore this data directory from a backup",
          e);
    }
    AuthKeys.load(rows, auth);
    members.load(rows);
  }
}
