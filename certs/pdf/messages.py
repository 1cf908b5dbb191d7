"""What the structure of a document can make us say. `{…}` are places for parameters."""

from certs.messages import define

TOO_COMPLEX = define(
    "pdf_too_complex",
    vi="Tệp quá phức tạp để kiểm tra trong giới hạn cho phép ({limit}: {allowed}). Hãy đề nghị nơi gửi cung cấp tệp gốc đơn giản hơn.",
    en="The file is too complex to judge within the bounds ({limit}: {allowed}). Ask the sender for a simpler original.",
)
NOT_A_PDF = define(
    "pdf_not_a_pdf",
    vi="Tệp này không phải là tệp PDF hoặc phần đầu tệp đã bị hỏng.",
    en="This file is not a PDF, or its beginning is damaged.",
)
UNREADABLE = define(
    "pdf_unreadable",
    vi="Không đọc được cấu trúc của tệp PDF: tệp tải về chưa đủ hoặc đã bị hỏng. Hãy tải lại tệp; nếu vẫn như vậy, đề nghị nơi gửi cung cấp lại tệp gốc. (Chi tiết kỹ thuật: {detail})",
    en="The structure of this PDF cannot be read: it arrived incomplete or is damaged. Load it again; if that does not help, ask the sender for the original file. (Technical detail: {detail})",
)
PASSWORD_REQUIRED = define(
    "pdf_password_required",
    vi="Tệp có mật khẩu mở tệp nên chưa kiểm tra được. Đừng tự bỏ mật khẩu rồi lưu lại: việc đó làm mất chữ ký số.",
    en="The file opens only with a password, so it could not be checked. Do not remove the password and save it again: that destroys the signature.",
)
ENCRYPTION_UNSUPPORTED = define(
    "pdf_encryption_unsupported",
    vi="Tệp được mã hoá theo cách mà chương trình không hỗ trợ ({detail}).",
    en="The file is encrypted in a way that is not supported ({detail}).",
)
# Faults of the whole file
TWO_READINGS = define(
    "pdf_two_readings",
    vi="Tệp có thể được đọc theo hai cách khác nhau: nội dung hiển thị có thể không phải nội dung đã ký. Không được tin cậy tệp này. (Chi tiết kỹ thuật: {detail})",
    en="The file can be read in two different ways: what is shown may not be what was signed. Do not rely on it. (Technical detail: {detail})",
)
PADDED = define(
    "pdf_padded",
    vi="Cuối tệp có thêm {length} byte trống (thường do hệ thống truyền hoặc lưu tệp), nên các chương trình có thể đọc tệp khác nhau. Hãy tải lại tệp hoặc đề nghị nơi gửi cung cấp tệp gốc.",
    en="The file ends in {length} blank bytes (often left by a system that passed it on or stored it), and programs may read it differently. Load it again or ask the sender for the original.",
)
SAVED_AGAIN = define(
    "pdf_saved_again",
    vi="Tệp đã được một chương trình khác lưu lại sau khi ký nên chữ ký không còn kiểm tra được. Hãy đề nghị nơi gửi cung cấp tệp gốc.",
    en="The file was saved again by another program after signing, so the signature can no longer be checked. Ask the sender for the original.",
)
SIGNATURE_LOST = define(
    "pdf_signature_lost",
    vi="Tệp có dấu vết của chữ ký số nhưng không còn chữ ký nào đọc được. Hãy đề nghị nơi gửi cung cấp tệp gốc.",
    en="The file bears traces of a digital signature but none can be read any more. Ask the sender for the original.",
)
# Faults of one signature
ENTRY_MISSING = define(
    "pdf_signature_entry_missing",
    vi="Chữ ký thiếu mục bắt buộc /{key} hoặc mục này rỗng.",
    en="The signature lacks the required entry /{key}, or it is empty.",
)
ENTRY_MALFORMED = define(
    "pdf_signature_entry_malformed",
    vi="Mục /{key} của chữ ký không đúng quy định.",
    en="The entry /{key} of the signature is malformed.",
)
BYTE_RANGE_MALFORMED = define(
    "pdf_byte_range_malformed",
    vi="Phạm vi ký (/ByteRange) không đúng quy định: {detail}.",
    en="The signed byte range is malformed: {detail}.",
)
GAP_NOT_CONTENTS = define(
    "pdf_gap_not_contents",
    vi="Khoảng trống giữa hai phần được ký chứa nội dung khác ngoài giá trị chữ ký: dấu hiệu của hành vi giả mạo.",
    en="The gap between the signed ranges holds more than the signature value: a sign of forgery.",
)
RANGE_ENDS_INSIDE = define(
    "pdf_range_ends_inside",
    vi="Phạm vi ký không kết thúc ở cuối một phiên bản của tệp: một phần nội dung không được chữ ký bảo vệ.",
    en="The signed range does not end at the end of a revision: part of the content is not protected.",
)
DICTIONARY_IN_OBJECT_STREAM = define(
    "pdf_signature_in_object_stream",
    vi="Giá trị chữ ký nằm trong luồng nén nên không thể được ký; tệp có thể đã được lưu lại sau khi ký.",
    en="The signature dictionary lies in an object stream, where it cannot be signed; the file was probably saved again.",
)
SIGNATURE_SHARED = define(
    "pdf_signature_shared",
    vi="Một giá trị chữ ký được dùng cho nhiều trường chữ ký ({fields}).",
    en="One signature value is used by several fields ({fields}).",
)
DUPLICATE_KEYS = define(
    "pdf_duplicate_keys",
    vi="Đối tượng {object} có khoá bị lặp lại nên có thể được đọc theo hai cách.",
    en="Object {object} repeats a key and can be read in two ways.",
)
OBJECT_UNREADABLE = define(
    "pdf_object_unreadable",
    vi="Không đọc được đối tượng {object} ({detail}) nên không thể so sánh đầy đủ với bản lúc ký.",
    en="Object {object} cannot be read ({detail}), so the comparison with the signed version is incomplete.",
)
# Changes
CHANGED = {
    "page_content": define(
        "pdf_change_page_content",
        vi="Nội dung trang {page} đã bị thay đổi sau khi ký.",
        en="The content of page {page} was changed after signing.",
    ),
    "page_tree": define(
        "pdf_change_page_tree",
        vi="Các trang, số trang hoặc thứ tự trang đã bị thay đổi sau khi ký (trước: {old} trang, sau: {new} trang).",
        en="The pages, their number or their order were changed after signing (before: {old}, after: {new} pages).",
    ),
    "page_entry": define(
        "pdf_change_page_entry",
        vi="Thuộc tính /{key} của trang {page} đã bị thay đổi sau khi ký.",
        en="The entry /{key} of page {page} was changed after signing.",
    ),
    "catalog_entry": define(
        "pdf_change_catalog_entry",
        vi="Thuộc tính /{key} của tài liệu đã bị thay đổi sau khi ký.",
        en="The document's entry /{key} was changed after signing.",
    ),
    "form_entry": define(
        "pdf_change_form_entry",
        vi="Thuộc tính chung /{key} của biểu mẫu đã bị thay đổi sau khi ký.",
        en="The form's entry /{key} was changed after signing.",
    ),
    "annotation_added": define(
        "pdf_change_annotation_added",
        vi="Chú thích ({kind}) được thêm vào trang {page} sau khi ký.",
        en="An annotation ({kind}) was added to page {page} after signing.",
    ),
    "annotation_changed": define(
        "pdf_change_annotation_changed",
        vi="Chú thích ({kind}) trên trang {page} đã bị sửa sau khi ký.",
        en="An annotation ({kind}) on page {page} was changed after signing.",
    ),
    "annotation_removed": define(
        "pdf_change_annotation_removed",
        vi="Chú thích ({kind}) trên trang {page} đã bị xoá sau khi ký.",
        en="An annotation ({kind}) on page {page} was removed after signing.",
    ),
    "annotation_order": define(
        "pdf_change_annotation_order",
        vi="Thứ tự hiển thị các chú thích trên trang {page} đã bị đổi sau khi ký.",
        en="The order in which annotations are drawn on page {page} was changed after signing.",
    ),
    "field_added": define(
        "pdf_change_field_added",
        vi="Trường biểu mẫu {field} được thêm vào sau khi ký.",
        en="The form field {field} was added after signing.",
    ),
    "field_removed": define(
        "pdf_change_field_removed",
        vi="Trường biểu mẫu {field} đã bị xoá sau khi ký.",
        en="The form field {field} was removed after signing.",
    ),
    "field_entry": define(
        "pdf_change_field_entry",
        vi="Thuộc tính /{key} của trường {field} đã bị thay đổi sau khi ký.",
        en="The entry /{key} of field {field} was changed after signing.",
    ),
    "form_filled": define(
        "pdf_change_form_filled",
        vi="Trường {field} được điền sau khi ký: “{old}” thành “{new}”.",
        en="Field {field} was filled after signing: “{old}” became “{new}”.",
    ),
    "appearance_replaced": define(
        "pdf_change_appearance_replaced",
        vi="Hình hiển thị của trường {field} bị thay thế sau khi ký trong khi giá trị không đổi: nội dung nhìn thấy không còn như lúc ký.",
        en="What field {field} shows was replaced after signing while its value stayed: what you see is not what was signed.",
    ),
    "signature_added": define(
        "pdf_change_signature_added",
        vi="Chữ ký {field} được thêm vào sau.",
        en="The signature {field} was added later.",
    ),
    "timestamp_added": define(
        "pdf_change_timestamp_added",
        vi="Dấu thời gian {field} được thêm vào sau.",
        en="The document time-stamp {field} was added later.",
    ),
    "signature_field_added": define(
        "pdf_change_signature_field_added",
        vi="Trường chữ ký trống {field} được thêm vào sau.",
        en="The empty signature field {field} was added later.",
    ),
    "signature_field_prepared": define(
        "pdf_change_signature_field_prepared",
        vi="Trường chữ ký trống {field} được chuẩn bị để ký.",
        en="The empty signature field {field} was prepared for signing.",
    ),
    "signature_dictionary": define(
        "pdf_change_signature_dictionary",
        vi="Thông tin của chữ ký {field} (lý do, tên, thời gian hoặc giá trị) đã bị thay thế sau khi ký.",
        en="The data of signature {field} (reason, name, time or value) were replaced after signing.",
    ),
    "signature_removed": define(
        "pdf_change_signature_removed",
        vi="Chữ ký {field} đã bị gỡ bỏ.",
        en="The signature {field} was removed.",
    ),
    "dss_extended": define(
        "pdf_change_dss",
        vi="Dữ liệu phục vụ kiểm tra lâu dài (DSS) được bổ sung hoặc cập nhật.",
        en="Validation data (DSS) were added or updated.",
    ),
    "metadata": define(
        "pdf_change_metadata",
        vi="Thông tin mô tả tài liệu (/{key}) được cập nhật.",
        en="The document's descriptive data (/{key}) were updated.",
    ),
    "structure": define(
        "pdf_change_structure",
        vi="Cây cấu trúc (hỗ trợ tiếp cận) được mở rộng.",
        en="The structure tree (for assistive technology) was extended.",
    ),
    "structure_text": define(
        "pdf_change_structure_text",
        vi="Văn bản thay thế trong cây cấu trúc (/{key}) đã bị sửa sau khi ký.",
        en="Replacement text in the structure tree (/{key}) was changed after signing.",
    ),
    "encryption": define(
        "pdf_change_encryption",
        vi="Thiết lập mã hoá của tệp đã bị thay đổi sau khi ký.",
        en="The file's encryption was changed after signing.",
    ),
    "unreachable_bytes": define(
        "pdf_change_unreachable_bytes",
        vi="{length} byte được thêm vào sau khi ký mà bảng tham chiếu không trỏ tới.",
        en="{length} bytes added after signing are reached by no cross-reference.",
    ),
}
# Warnings about a document as it stands
WARN_JAVASCRIPT = define(
    "pdf_warn_javascript",
    vi="Tài liệu có chứa mã JavaScript có thể làm thay đổi nội dung hiển thị.",
    en="The document contains JavaScript that may change what is shown.",
)
WARN_HIDDEN_LAYERS = define(
    "pdf_warn_hidden_layers",
    vi="Tài liệu có lớp nội dung đang bị ẩn ({layers}).",
    en="The document has content layers that are switched off ({layers}).",
)
WARN_UNUSED_PAGES = define(
    "pdf_warn_unused_pages",
    vi="Tệp chứa {count} trang hoàn chỉnh không được hiển thị; có thể được chuẩn bị để thay thế nội dung.",
    en="The file holds {count} complete pages that are not shown; they may be there to replace content later.",
)
WARN_COVERING_WIDGET = define(
    "pdf_warn_covering_widget",
    vi="Trường biểu mẫu {field} che nội dung trên trang {page}; nội dung bên dưới có thể được làm hiện ra sau khi ký.",
    en="The form field {field} covers content of page {page}; what lies beneath could be revealed after signing.",
)
WARN_APPEARANCE_DIFFERS = define(
    "pdf_warn_appearance_differs",
    vi="Trường {field} hiển thị khác với giá trị thật của nó (“{value}”).",
    en="Field {field} shows something other than its value (“{value}”).",
)
WARN_ANNOTATION_COVERS = define(
    "pdf_warn_annotation_covers",
    vi="Trang {page} có chú thích được thêm sau khi ký, có thể che nội dung. Hãy so sánh với bản lúc ký.",
    en="Page {page} has an annotation added after signing that may cover content. Compare with the signed version.",
)
WARN_SIGNATURE_COVERS = define(
    "pdf_warn_signature_covers",
    vi="Hình chữ ký {field}, được thêm sau một chữ ký khác, có thể che nội dung trang {page}. Hãy so sánh với bản lúc ký.",
    en="The picture of signature {field}, added after another signature, may cover content of page {page}. Compare with the signed version.",
)
WARN_BYTES_BEFORE_HEADER = define(
    "pdf_warn_bytes_before_header",
    vi="Có {length} byte đứng trước phần đầu của tệp PDF và không được chữ ký bảo vệ.",
    en="{length} bytes stand before the PDF header; no signature protects them.",
)
WARN_ATTACHMENTS = define(
    "pdf_warn_attachments",
    vi="Tệp có đính kèm tệp khác. Nếu văn bản đã ký nằm trong tệp đính kèm, hãy lưu tệp đó ra và kiểm tra riêng.",
    en="The file has attachments. If the signed document is one of them, save it and check it on its own.",
)
WARN_LOST_SIGNATURES = define(
    "pdf_warn_lost_signatures",
    vi="Trang {pages} còn hình của chữ ký đã mất khi tệp được ghép hoặc lưu lại; hình đó không có giá trị, chỉ các chữ ký liệt kê dưới đây được kiểm tra.",
    en="Page {pages} still shows a signature that was lost when the file was merged or saved again; the picture counts for nothing, and only the signatures listed below were checked.",
)
WARN_DROPPED_SIGNATURES = define(
    "pdf_warn_dropped_signatures",
    vi="Tệp từng có {count} chữ ký đã bị gỡ bỏ trước lần ký sau; hình ảnh của chữ ký đó trên trang (nếu còn) không có giá trị.",
    en="The file once held {count} signatures that were removed before it was signed again; what a page may still show of them counts for nothing.",
)
WARN_UNLISTED_OBJECTS = define(
    "pdf_warn_unlisted_objects",
    vi="Tệp chứa {count} đối tượng không có trong bảng tham chiếu; có thể được chuẩn bị để làm hiện ra sau khi ký.",
    en="The file holds {count} objects that no cross-reference lists; they may be there to be revealed later.",
)
