/*
 * An Osmocom peer made of Osmocom's own client library, for GsupPeerTest: asks for five vectors and prints what it
 * decoded, a line each. Usage: gsup-client PORT IMSI [RAND AUTS]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/application.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/select.h>
#include <osmocom/core/utils.h>
#include <osmocom/gsm/gsup.h>
#include <osmocom/gsm/ipa.h>
#include <osmocom/gsupclient/gsup_client.h>

static uint8_t rand_octets[16];
static uint8_t auts[14];
static struct osmo_gsup_message request = {
    .message_type = OSMO_GSUP_MSGT_SEND_AUTH_INFO_REQUEST,
    .message_class = OSMO_GSUP_MESSAGE_CLASS_SUBSCRIBER_MANAGEMENT,
    .cn_domain = OSMO_GSUP_CN_DOMAIN_CS,
};

static bool answered;

static void print(const char *name, const uint8_t *octets, size_t length)
{
    printf(" %s=%s", name, osmo_hexdump_nospc(octets, length));
}

static int on_message(struct osmo_gsup_client *client, struct msgb *msg)
{
    struct osmo_gsup_message answer;
    (void)client;
    if (osmo_gsup_decode(msgb_l2(msg), msgb_l2len(msg), &answer) < 0) {
        printf("undecodable\n");
        exit(1);
    }
    printf("answer type=%02x imsi=%s cause=%02x\n", answer.message_type, answer.imsi, answer.cause);
    for (size_t i = 0; i < answer.num_auth_vectors; i++) {
        const struct osmo_auth_vector *vector = &answer.auth_vectors[i];
        printf("vector");
        print("rand", vector->rand, sizeof(vector->rand));
        print("sres", vector->sres, sizeof(vector->sres));
        print("kc", vector->kc, sizeof(vector->kc));
        print("autn", vector->autn, sizeof(vector->autn));
        print("ck", vector->ck, sizeof(vector->ck));
        print("ik", vector->ik, sizeof(vector->ik));
        print("res", vector->res, vector->res_len);
        printf("\n");
    }
    fflush(stdout);
    msgb_free(msg);
    answered = true;
    return 0;
}

static bool on_up_down(struct osmo_gsup_client *client, bool up)
{
    if (up)
        osmo_gsup_client_enc_send(client, &request);
    return true;
}

int main(int argc, char **argv)
{
    static struct ipaccess_unit unit = {.unit_name = "MSC", .serno = "MSC-00-00-00-00-00-00"};
    struct osmo_gsup_client_config config = {
        .ipa_dev = &unit,
        .ip_addr = "127.0.0.1",
        .read_cb = on_message,
        .up_down_cb = on_up_down,
    };
    if (argc != 3 && argc != 5)
        return 2;
    config.tcp_port = strtoul(argv[1], NULL, 10);
    osmo_strlcpy(request.imsi, argv[2], sizeof(request.imsi));
    if (argc == 5) {
        osmo_hexparse(argv[3], rand_octets, sizeof(rand_octets));
        osmo_hexparse(argv[4], auts, sizeof(auts));
        request.rand = rand_octets;
        request.auts = auts;
    }
    osmo_init_logging2(NULL, NULL);
    struct osmo_gsup_client *client = osmo_gsup_client_create3(NULL, &config);
    if (!client)
        return 1;
    while (!answered)
        osmo_select_main(0);
    osmo_gsup_client_destroy(client);
    return 0;
}
