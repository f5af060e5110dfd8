package io.lodestone.etcdfile.replay;

import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;

/** The key ranges that requests speak of. */
final class Requests {
  private Requests() {}

  static KeyRange range(RangeRequest request) {
    return new KeyRange(request.getKey(), request.getRangeEnd());
  }

  static KeyRange range(DeleteRangeRequest request) {
    return new KeyRange(request.getKey(), request.getRangeEnd());
  }

  static KeyRange range(Compare compare) {
    return new KeyRange(compare.getKey(), compare.getRangeEnd());
  }
}
