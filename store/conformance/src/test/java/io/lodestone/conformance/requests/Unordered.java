package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.lodestone.api.etcdserverpb.LeaseLeasesResponse;
import io.lodestone.api.etcdserverpb.LeaseStatus;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.api.etcdserverpb.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The lists whose order depends, in etcd, on a map or on the time of day. */
final class Unordered {
  private Unordered() {}

  static Message sorted(Message message) {
    if (message instanceof LeaseLeasesResponse leases) {
      List<LeaseStatus> sorted =
          leases.getLeasesList().stream()
              .sorted(Comparator.comparingLong(LeaseStatus::getID))
              .toList();
      return leases.toBuilder().clearLeases().addAllLeases(sorted).build();
    }
    if (message instanceof LeaseTimeToLiveResponse lease) {
      List<ByteString> sorted =
          lease.getKeysList().stream()
              .sorted(ByteString.unsignedLexicographicalComparator())
              .toList();
      return lease.toBuilder().clearKeys().addAllKeys(sorted).build();
    }
    return message.getDescriptorForType().findFieldByName("members") == null
        ? message
        : withSortedMembers(message);
  }

  /** Members stand in the order of ids that are made from the time of day. */
  private static Message withSortedMembers(Message response) {
    FieldDescriptor members = response.getDescriptorForType().findFieldByName("members");
    List<Member> sorted = new ArrayList<>();
    for (int i = 0; i < response.getRepeatedFieldCount(members); i++) {
      sorted.add((Member) response.getRepeatedField(members, i));
    }
    sorted.sort(Comparator.comparingLong(Member::getID));
    return response.toBuilder().setField(members, sorted).build();
  }
}
