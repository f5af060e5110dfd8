package io.lodestone.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTest {

  @ParameterizedTest
  @EnumSource
  void everyCodeIsFoundByTheStatusItMakes(ErrorCode code) {
    assertThat(ErrorCode.of(code.toStatus())).contains(code);
  }

  @Test
  void theTextDecidesBecauseVersionsDisagreeOnTheStatus() {
    Status newer =
        Status.FAILED_PRECONDITION.withDescription("etcdserver: rpc not supported for learner");

    assertThat(ErrorCode.of(newer)).contains(ErrorCode.NOT_SUPPORTED_FOR_LEARNER);
  }

  @Test
  void refusalsOfLoginsAreFoundInBothSpellings() {
    assertThat(ErrorCode.ofText("auth: permission denied")).contains(ErrorCode.PERMISSION_DENIED);
    assertThat(ErrorCode.ofText("auth: revision in header is old"))
        .contains(ErrorCode.OLD_AUTH_REVISION);
    assertThat(ErrorCode.ofText("etcdserver: revision of auth store is old"))
        .contains(ErrorCode.OLD_AUTH_REVISION);
  }

  @Test
  void foreignFailuresHaveNoCode() {
    assertThat(ErrorCode.of(Status.UNAVAILABLE.withDescription("io exception"))).isEmpty();
    assertThat(ErrorCode.of(Status.UNAVAILABLE)).isEmpty();
  }
}
