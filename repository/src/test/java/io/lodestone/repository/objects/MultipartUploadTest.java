package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.objects.ScriptedS3.Answer;
import io.lodestone.repository.objects.ScriptedS3.Request;
import io.lodestone.repository.objects.ScriptedS3.Step;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of an upload when the server, or the way to it, fails at one of its requests. */
final class MultipartUploadTest {
  private static final ByteString SOME = ByteString.copyFromUtf8("some bytes");

  private ScriptedS3 server;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedS3();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void onlyTheLastRequestIsConditional() throws Exception {
    assertThat(create()).isTrue();
    assertThat(server.steps()).containsExactly(Step.BEGIN, Step.PART, Step.COMPLETE);
    assertThat(server.requests()).extracting(Request::ifNoneMatch).containsExactly("", "", "*");
  }

  @Test
  void checksumsOfPartsAreAnnouncedAndListed() throws Exception {
    create();
    assertThat(server.requests().get(0).checksumAlgorithm()).isEqualTo("CRC32");
    assertThat(server.requests().get(2).body()).contains("<ChecksumCRC32>AAAAAA==");
  }

  @Test
  void aServerWithoutChecksumsIsNotToldOfThem() throws Exception {
    create("&checksums=false");
    assertThat(server.requests().get(0).checksumAlgorithm()).isEmpty();
    assertThat(server.requests().get(1).body())
        .contains(SOME.toStringUtf8())
        .doesNotContain("checksum");
  }

  @Test
  void anUploadThatCannotBeginLeavesNothingToAbort() {
    server.answer(Step.BEGIN, Answer.error(403, "AccessDenied"));
    assertThatThrownBy(this::create).hasMessageContaining("AccessDenied");
    assertThat(server.steps()).containsExactly(Step.BEGIN);
  }

  @Test
  void aRefusedPartAbortsTheUpload() {
    server.answer(Step.PART, Answer.error(403, "AccessDenied"));
    assertThatThrownBy(this::create)
        .isInstanceOf(LodestoneException.class)
        .isNotInstanceOf(UnreachableStoreException.class)
        .hasMessageContaining("AccessDenied");
    assertThat(server.steps()).containsExactly(Step.BEGIN, Step.PART, Step.ABORT);
  }

  @Test
  void anObjectThatExistsAbortsTheUpload() throws Exception {
    server.answer(Step.COMPLETE, Answer.error(412, "PreconditionFailed"));
    assertThat(create()).isFalse();
    assertThat(server.steps()).endsWith(Step.COMPLETE, Step.ABORT);
  }

  @Test
  void aConflictMayBeTriedAgain() {
    server.answer(Step.COMPLETE, Answer.error(409, "ConditionalRequestConflict"));
    outcomeIsUnknown();
  }

  @Test
  void aLostAnswerIsAnUnknownOutcome() {
    server.answer(Step.COMPLETE, Answer.NONE);
    outcomeIsUnknown();
  }

  @Test
  void anUploadThatIsGoneIsAnUnknownOutcome() {
    server.answer(Step.COMPLETE, Answer.error(404, "NoSuchUpload"));
    server.answer(Step.ABORT, Answer.error(404, "NoSuchUpload"));
    outcomeIsUnknown();
  }

  @Test
  void anErrorInsideAnAnswerThatBeganAsASuccessIsAnUnknownOutcome() {
    server.answer(Step.COMPLETE, Answer.error(200, "InternalError"));
    outcomeIsUnknown();
  }

  @Test
  void anObjectThatExistsIsSeenAlsoInsideAnAnswerThatBeganAsASuccess() throws Exception {
    server.answer(Step.COMPLETE, Answer.error(200, "PreconditionFailed"));
    assertThat(create()).isFalse();
    assertThat(server.steps()).endsWith(Step.COMPLETE, Step.ABORT);
  }

  @Test
  void anAbortThatFailsDoesNotHideTheOutcome() throws Exception {
    server.answer(Step.COMPLETE, Answer.error(412, "PreconditionFailed"));
    server.answer(Step.ABORT, Answer.error(403, "AccessDenied"));
    assertThat(create()).isFalse();
  }

  private void outcomeIsUnknown() {
    assertThatThrownBy(this::create).isInstanceOf(UnreachableStoreException.class);
    assertThat(server.steps()).endsWith(Step.COMPLETE, Step.ABORT);
  }

  private boolean create() throws IOException {
    return create("");
  }

  private boolean create(String options) throws IOException {
    String address = "s3://backups/x?endpoint=" + server.endpoint() + options;
    try (ObjectStore store =
        new S3ObjectStore(
            BucketAddress.ofS3(address), Optional.of(new Credentials("lodestone", "s")), 10, 0)) {
      return store.create("object", SOME);
    }
  }
}
