// Reads mails with postal-mime: a JSON array of base64 on stdin, what it understood on stdout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const given = createRequire(process.argv[2])("postal-mime");
const PostalMime = given.default ?? given;

const read = async (raw) => {
    const mail = await PostalMime.parse(Buffer.from(raw, "base64"), { attachmentEncoding: "base64" });
    return {
        sender: mail.from.address,
        recipients: mail.to.map((one) => one.address),
        subject: mail.subject ?? "",
        text: mail.text ?? "",
        html: mail.html ?? "",
        parts: mail.attachments.map((one) => ({
            kind: one.mimeType,
            method: one.method ?? "",
            filename: one.disposition === "attachment" ? (one.filename ?? "") : "",
            content: one.content,
        })),
    };
};
const mails = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await Promise.all(mails.map(read))));
